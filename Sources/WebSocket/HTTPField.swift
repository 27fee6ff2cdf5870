/// A header field.
public struct HTTPField: Sendable, Equatable {
  public var name: String
  public var value: String

  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

extension [String] {
  /// Whether a value of the header contains this lower-case token, ignoring case.
  ///
  /// See RFC 9110 section 5.6.1.
  func hasToken(_ token: String) -> Bool {
    contains { value in
      value.split(separator: ",").contains { $0.trimmed.lowercased() == token }
    }
  }
}

extension StringProtocol {
  /// The text without spaces and tabs at either end.
  var trimmed: String {
    let isBlank = { (character: Character) in character == " " || character == "\t" }
    return String(String(drop(while: isBlank).reversed()).drop(while: isBlank).reversed())
  }
}
