import CNettle

/// The client's key in the opening handshake, and the server's proof that it understood the request.
///
/// See RFC 6455 section 4.1 and 4.2.2.
enum HandshakeKey {
  /// A new key: 16 random bytes in base64.
  static func make() -> String {
    var random = SystemRandomNumberGenerator()
    return encode((0..<16).map { _ in UInt8.random(in: .min ... .max, using: &random) })
  }

  /// Whether the text is base64 for 16 bytes.
  static func isValid(_ text: String) -> Bool {
    let characters = text.utf8.map(CChar.init(bitPattern:))
    guard characters.count == 24 else { return false }
    // Larger than the decoded text.
    var bytes = [UInt8](repeating: 0, count: characters.count)
    return unsafe cnettle_base64_decode(&bytes, characters, characters.count) == 16
  }

  /// The value that the server sends back for a key.
  static func accept(_ key: String) -> String {
    let text = Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)
    var digest = [UInt8](repeating: 0, count: Int(SHA1_DIGEST_SIZE))
    unsafe cnettle_sha1(text, text.count, &digest)
    return encode(digest)
  }

  private static func encode(_ bytes: [UInt8]) -> String {
    var text = [CChar](repeating: 0, count: (bytes.count + 2) / 3 * 4)
    unsafe cnettle_base64_encode(&text, bytes, bytes.count)
    return String(decoding: text.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
