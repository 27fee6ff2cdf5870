import FoundationEssentials
import Linux
import YAML

/// The receiver of transitions.
struct Webhook: Sendable, Equatable {
  struct Header: Sendable, Equatable {
    var name: String
    var value: String
  }

  /// An `http` or `https` URL.
  var url: String
  /// The time limit of one attempt.
  var timeout = Duration.seconds(5)
  var headers: [Header] = []
}

extension Webhook {
  private static let mostHeaders = 20

  /// Reads the webhook from the file.
  init(_ node: YAMLNode) throws(YAMLError) {
    let settings = try NodeSettings(node, "a webhook", accepts: ["url", "timeout", "headers"])
    url = try Self.url(try settings.required("url", "a webhook"))
    if let node = settings["timeout"] {
      timeout = try node.duration("timeout", in: .seconds(1) ... .seconds(60))
    }
    if let node = settings["headers"] { headers = try Self.headers(node) }
  }

  private static func url(_ node: YAMLNode) throws(YAMLError) -> String {
    let accepts = "http://HOST/… or https://HOST/…"
    let url = try node.text("url", accepts: accepts)
    guard let parts = URLComponents(string: url), ["http", "https"].contains(parts.scheme),
      let host = parts.host, !host.isEmpty
    else { throw node.bad("url", accepts) }
    return url
  }

  private static func headers(_ node: YAMLNode) throws(YAMLError) -> [Header] {
    guard case .mapping(let entries) = node.content, entries.count <= mostHeaders else {
      throw node.bad("headers", "at most \(mostHeaders) lines of the form NAME: VALUE")
    }
    var headers: [Header] = []
    for entry in entries {
      guard !entry.key.isEmpty, entry.key.utf8.allSatisfy(isTokenByte) else {
        throw YAMLError(
          entry.keyMark, "\"\(LogText.visible(entry.key))\" is not a header name (RFC 9110)")
      }
      headers.append(Header(name: entry.key, value: try value(entry)))
    }
    return headers
  }

  /// The error does not repeat the value, which may be a secret.
  private static func value(_ entry: YAMLNode.Entry) throws(YAMLError) -> String {
    guard case .scalar(let value, _) = entry.value.content,
      !value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F })
    else {
      throw YAMLError(
        entry.value.mark, "the header \"\(entry.key)\" accepts text without control characters")
    }
    return value
  }

  /// Whether a byte may be part of a header name.
  ///
  /// See RFC 9110 section 5.6.2.
  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}
