import CMicroHTTPD
import Glibc

/// The address at the other end of a connection, as people write it.
enum PeerAddress {
  /// See inet_ntop(3).
  static func text(of connection: OpaquePointer) -> String? {
    unsafe withBytes(of: cmhd_client_address(connection)) { (family, bytes) in
      unsafe text(family, bytes)
    }
  }

  /// What the address counts as where a limit is per address.
  static func key(of address: UnsafePointer<sockaddr>?) -> AddressKey {
    unsafe withBytes(of: address) { (_, bytes) in
      unsafe AddressKey(bytes: bytes.bindMemory(to: UInt8.self).span)
    } ?? .local
  }

  /// - Parameter bytes: 16 of them.
  static func text(ofBytes bytes: [UInt8]) -> String? {
    unsafe bytes.withUnsafeBytes { unsafe text(AF_INET6, $0) }
  }

  private static func withBytes<Result>(
    of address: UnsafePointer<sockaddr>?, _ body: (Int32, UnsafeRawBufferPointer) -> Result?
  ) -> Result? {
    guard let address = unsafe address else { return nil }
    let bytes = unsafe UnsafeRawPointer(address)
    let family = Int32(unsafe address.pointee.sa_family)
    // Where the address stands in sockaddr_in and in sockaddr_in6, see ip(7) and ipv6(7).
    switch family {
    case AF_INET: return unsafe body(family, UnsafeRawBufferPointer(start: bytes + 4, count: 4))
    case AF_INET6: return unsafe body(family, UnsafeRawBufferPointer(start: bytes + 8, count: 16))
    default: return nil
    }
  }

  /// - Parameter bytes: 4 or 16 of them; an IPv4 address that was mapped into IPv6 becomes one again.
  static func text(_ family: Int32, _ bytes: UnsafeRawBufferPointer) -> String? {
    let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
    if family == AF_INET6, unsafe bytes.prefix(12).elementsEqual(mapped) {
      return unsafe self.text(AF_INET, UnsafeRawBufferPointer(rebasing: bytes.dropFirst(12)))
    }
    var text = [CChar](repeating: 0, count: 46)
    guard let start = bytes.baseAddress,
      unsafe inet_ntop(family, start, &text, socklen_t(text.count)) != nil
    else { return nil }
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
