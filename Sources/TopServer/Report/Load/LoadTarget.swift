import FoundationEssentials
import Linux

/// A server to query, and the paths to request.
struct LoadTarget: Sendable, Equatable {
  /// Scheme, host and port, for example `http://127.0.0.1:8845`.
  var origin: String
  /// Paths with their queries, requested in rotation.
  var paths: [String]
  /// Whether requests never leave this machine.
  var isLoopback: Bool

  var urls: [String] { paths.map { origin + $0 } }

  /// Parses `http://host[:port][/path][?query]`.
  ///
  /// The URL is rebuilt from its parts, so that the requested URL is the validated one.
  ///
  /// - Parameter paths: The paths to request instead of that of the URL.
  /// - Returns: `nil` if the text is not such a URL. User names and passwords are rejected because the report would
  ///   show them.
  init?(url: String, paths: [String] = []) {
    guard Self.isPlain(url), let parts = URLComponents(string: url),
      let scheme = parts.scheme?.lowercased(), ["http", "https"].contains(scheme),
      parts.user == nil, parts.password == nil, parts.fragment == nil,
      let host = parts.host.flatMap(Self.host)
    else { return nil }
    guard parts.port.map({ (1...65535).contains($0) }) ?? true else { return nil }
    origin = "\(scheme)://\(host)" + (parts.port.map { ":\($0)" } ?? "")
    let path = parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath
    self.paths = paths.isEmpty ? [path + (parts.percentEncodedQuery.map { "?\($0)" } ?? "")] : paths
    isLoopback = Self.isLoopback(host)
  }

  /// Whether the text contains only visible ASCII, as a URL must.
  static func isPlain(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
  }

  /// Validates a name, an IPv4 address, or an IPv6 address in brackets.
  private static func host(_ text: String) -> String? {
    if text.hasPrefix("["), text.hasSuffix("]") {
      let inner = String(text.dropFirst().dropLast())
      return inner.contains(":") && NetworkAddress.isAddress(inner) ? text : nil
    }
    let isName = text.utf8.allSatisfy {
      switch $0 {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
      default: $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_")
      }
    }
    return isName && !text.isEmpty ? text : nil
  }

  /// libcurl resolves `localhost` to the loopback address without a lookup.
  private static func isLoopback(_ host: String) -> Bool {
    NetworkAddress.isLoopback(host.filter { $0 != "[" && $0 != "]" })
  }
}
