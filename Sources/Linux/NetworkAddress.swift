import Glibc

/// Converts IPv4 and IPv6 addresses between text and bytes.
public enum NetworkAddress {
  /// The 4 bytes of an IPv4 address or the 16 bytes of an IPv6 address, in network byte order.
  ///
  /// See inet_pton(3).
  ///
  /// - Returns: `nil` if the text is not an address.
  public static func bytes(of text: String) -> [UInt8]? {
    var address = in6_addr()
    guard let count = parse(text, into: &address) else { return nil }
    return unsafe withUnsafeBytes(of: &address) { unsafe Array($0.prefix(count)) }
  }

  /// The text form of an address.
  ///
  /// An IPv4-mapped IPv6 address becomes an IPv4 address.
  ///
  /// See inet_ntop(3) and RFC 4291 section 2.5.5.2.
  ///
  /// - Parameter bytes: 4 or 16 bytes in network byte order.
  /// - Returns: `nil` for any other count.
  public static func text(of bytes: [UInt8]) -> String? {
    let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
    if bytes.count == 16, bytes.starts(with: mapped) { return text(of: Array(bytes[12...])) }
    guard bytes.count == 4 || bytes.count == 16 else { return nil }
    let family = bytes.count == 4 ? AF_INET : AF_INET6
    var text = [CChar](repeating: 0, count: 46)
    let isWritten = unsafe bytes.withUnsafeBytes { bytes in
      unsafe bytes.baseAddress.map {
        unsafe inet_ntop(family, $0, &text, socklen_t(text.count)) != nil
      } ?? false
    }
    guard isWritten else { return nil }
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Whether the text is an IPv4 or IPv6 address.
  public static func isAddress(_ text: String) -> Bool {
    // This runs for every request, so it avoids an array.
    var address = in6_addr()
    return parse(text, into: &address) != nil
  }

  /// - Returns: The size of the address in bytes. It is stored at the start of `address`.
  private static func parse(_ text: String, into address: inout in6_addr) -> Int? {
    // C would stop reading at a NUL.
    guard !text.utf8.contains(0) else { return nil }
    if unsafe inet_pton(AF_INET, text, &address) == 1 { return 4 }
    return unsafe inet_pton(AF_INET6, text, &address) == 1 ? 16 : nil
  }
}

extension NetworkAddress {
  /// Whether the text is `localhost` or a loopback address (127.0.0.0/8 or ::1).
  ///
  /// See RFC 6761 section 6.3.
  public static func isLoopback(_ host: String) -> Bool {
    host.lowercased() == "localhost" || isLoopbackAddress(host)
  }

  /// Whether the text is a loopback address: 127.0.0.0/8 or ::1.
  ///
  /// See RFC 6890.
  public static func isLoopbackAddress(_ text: String) -> Bool {
    guard let bytes = bytes(of: text) else { return false }
    return bytes.count == 4
      ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
  }
}
