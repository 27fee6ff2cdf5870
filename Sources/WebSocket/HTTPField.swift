/// One header line.
public struct HTTPField: Sendable, Equatable {
  public var name: String
  public var value: String

  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

extension [String] {
  /// Whether one of the values of a header has this token in its list, in whatever case; in lower case here.
  ///
  /// See RFC 9110 section 5.6.1.
  func hasToken(_ token: String) -> Bool {
    contains { value in
      value.split(separator: ",").contains { $0.trimmed.lowercased() == token }
    }
  }
}

extension StringProtocol {
  /// Without spaces and tabs at either end.
  var trimmed: String {
    let isBlank = { (character: Character) in character == " " || character == "\t" }
    return String(String(drop(while: isBlank).reversed()).drop(while: isBlank).reversed())
  }
}
