/// The URL of a WebSocket: `ws://host:port/path` or, over TLS, `wss://`.
///
/// See RFC 6455 section 3.
public struct WebSocketURL: Sendable, Equatable, CustomStringConvertible {
  public let isSecure: Bool
  /// A name, or an address without brackets.
  public let host: String
  public let port: UInt16
  /// The path and the query.
  public let target: String

  /// The reason why a text is not a valid URL.
  public struct Malformed: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String
  }

  public init(_ text: String) throws(Malformed) {
    // Rejects line breaks, which would end the request line, and invisible characters.
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw Malformed(description: "it may contain only printable ASCII without spaces")
    }
    guard let colon = text.firstRange(of: "://") else { throw Self.wrongScheme }
    switch text[..<colon.lowerBound].lowercased() {
    case "ws": isSecure = false
    case "wss": isSecure = true
    default: throw Self.wrongScheme
    }
    let rest = text[colon.upperBound...]
    let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
    let path = String(rest[end...])
    guard !path.contains("#") else {
      throw Malformed(description: "it must not have a fragment (#)")
    }
    target = path.hasPrefix("/") ? path : "/" + path
    (host, port) = try Self.split(rest[..<end], defaultPort: isSecure ? 443 : 80)
  }

  private static let wrongScheme = Malformed(description: "it must begin with ws:// or wss://")

  private static func split(_ authority: Substring, defaultPort: UInt16) throws(Malformed)
    -> (String, UInt16)
  {
    guard !authority.contains("@") else {
      throw Malformed(description: "it must not contain a user name or password")
    }
    let host: Substring
    let port: Substring
    if authority.hasPrefix("["), let bracket = authority.firstIndex(of: "]") {
      host = authority[..<bracket].dropFirst()
      port = authority[authority.index(after: bracket)...]
    } else {
      let colon = authority.firstIndex(of: ":") ?? authority.endIndex
      host = authority[..<colon]
      port = authority[colon...]
    }
    guard !host.isEmpty, !host.contains("["), !host.contains("]") else {
      throw Malformed(description: "it has no host")
    }
    if port.isEmpty || port == ":" { return (String(host), defaultPort) }
    guard port.hasPrefix(":"), port.dropFirst().allSatisfy({ ("0"..."9").contains($0) }),
      let number = UInt16(port.dropFirst()), number > 0
    else { throw Malformed(description: "the port must be a number from 1 to 65535") }
    return (String(host), number)
  }

  /// The value of the `Host` header.
  ///
  /// See RFC 6455 section 4.1.
  var authority: String {
    let host = host.contains(":") ? "[\(host)]" : host
    return port == (isSecure ? 443 : 80) ? host : "\(host):\(port)"
  }

  public var description: String { "\(isSecure ? "wss" : "ws")://\(authority)\(target)" }
}
