import Jansson

/// The JSON of a state file: an object that names its version.
enum StateText {
  /// Parses the text of a state file.
  ///
  /// The caller checks for versions that are missing or older.
  ///
  /// - Throws: A ``Failure`` that says what is wrong with the text, or that a newer program wrote it.
  static func parse(_ bytes: [UInt8], version: Int64) throws(Failure) -> JSONValue {
    let json: JSONValue
    do {
      json = try JSONValue(parsing: bytes)
    } catch {
      throw Failure("\(error)")
    }
    if let found = json["version"]?.integer, found > version {
      throw Failure(
        "it has version \(found), of a newer program; this one reads version \(version)")
    }
    return json
  }
}
