import FoundationEssentials
import Linux

/// A server to ask, and what to ask it for.
struct LoadTarget: Sendable, Equatable {
  /// Scheme, host and port, for example `http://127.0.0.1:8845`.
  var origin: String
  /// Paths with their queries, asked by turns.
  var paths: [String]
  /// Whether requests to it never leave this machine.
  var isLoopback: Bool

  var urls: [String] { paths.map { origin + $0 } }

  /// Reads `http://host[:port][/path][?query]`.
  ///
  /// The address is put together anew from its parts, so that what was judged is what is asked.
  ///
  /// - Parameter paths: What to ask for instead of the path of the URL.
  /// - Returns: `nil` for anything else, names and passwords included: they would be shown in the report.
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

  /// Whether a text can stand in a URL: visible ASCII.
  static func isPlain(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
  }

  /// A name, an IPv4 address, or an IPv6 address in brackets.
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

  /// libcurl takes `localhost` for the loopback address without asking anybody.
  private static func isLoopback(_ host: String) -> Bool {
    NetworkAddress.isLoopback(host.filter { $0 != "[" && $0 != "]" })
  }
}
