/// The parsed and decoded target of a request line.
///
/// See RFC 9112 section 3.2 and RFC 3986.
public struct RequestTarget: Sendable, Equatable {
  /// The host and port of a target in absolute form.
  public var authority: String?
  /// The decoded path; starts with `/`.
  public var path: String
  /// The decoded query, in the order of the request.
  public var query: [QueryItem]
  /// The raw query without the question mark; may be empty.
  public var rawQuery: String

  /// A `name=value` pair of a query.
  public struct QueryItem: Sendable, Equatable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// A malformed target and the reason.
  public struct Malformed: Error, Equatable, Sendable {
    public let reason: String
  }

  /// - Throws: ``Malformed`` for an invalid character, an invalid escape or `%00`, or a dot segment.
  public init(_ raw: String) throws(Malformed) {
    guard raw.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw Malformed(
        reason: "the request target contains a character that must be percent-encoded")
    }
    var rest = raw[...]
    (authority, rest) = Self.splitAuthority(rest)
    guard rest.hasPrefix("/") else {
      throw Malformed(reason: "the request target must be a path that begins with /")
    }
    let question = rest.firstIndex(of: "?")
    path = try Self.decode(rest[..<(question ?? rest.endIndex)], plusIsSpace: false)
    if path.utf8.contains(UInt8(ascii: ".")) {
      // Split by bytes: a combining character after a slash forms one Character with it and would hide it.
      for segment in path.utf8.split(separator: UInt8(ascii: "/")) {
        guard !segment.elementsEqual(".".utf8), !segment.elementsEqual("..".utf8) else {
          throw Malformed(reason: "the path contains a dot segment")
        }
      }
    }
    rawQuery = question.map { String(rest[rest.index(after: $0)...]) } ?? ""
    query = []
    for item in rawQuery.split(separator: "&") {
      let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let value = try parts.count > 1 ? Self.decode(parts[1], plusIsSpace: true) : ""
      query.append(QueryItem(try Self.decode(parts[0], plusIsSpace: true), value))
    }
  }

  /// Splits `http://host` from a target in absolute form.
  private static func splitAuthority(_ raw: Substring) -> (String?, Substring) {
    for scheme in ["http://", "https://"] where raw.lowercased().hasPrefix(scheme) {
      let rest = raw.dropFirst(scheme.count)
      let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
      let path = rest[end...]
      return (String(rest[..<end]), path.hasPrefix("/") ? path : "/" + path)
    }
    return (nil, raw)
  }

  private static func decode(_ text: Substring, plusIsSpace: Bool) throws(Malformed) -> String {
    guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
      return String(text)
    }
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "%"):
        guard let high = rest.popFirst().flatMap(hexValue),
          let low = rest.popFirst().flatMap(hexValue)
        else { throw Malformed(reason: "a % must be followed by two hexadecimal digits") }
        guard high | low != 0 else { throw Malformed(reason: "%00 is not allowed") }
        bytes.append(high << 4 | low)
      case UInt8(ascii: "+") where plusIsSpace: bytes.append(0x20)
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func hexValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x41...0x46: digit - 0x41 + 10
    case 0x61...0x66: digit - 0x61 + 10
    default: nil
    }
  }
}
