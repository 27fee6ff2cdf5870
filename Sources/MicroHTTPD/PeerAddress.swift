import CMicroHTTPD
import Glibc
import Linux

/// The address of a connection's peer.
enum PeerAddress {
  /// The address in text form.
  static func text(of connection: OpaquePointer) -> String? {
    unsafe withBytes(of: cmhd_client_address(connection)) { bytes in
      unsafe NetworkAddress.text(of: Array(bytes))
    }
  }

  /// The client's key for per-address limits.
  static func key(of address: UnsafePointer<sockaddr>?) -> AddressKey {
    unsafe withBytes(of: address) { bytes in
      unsafe AddressKey(bytes: bytes.bindMemory(to: UInt8.self).span)
    } ?? .local
  }

  private static func withBytes<Result>(
    of address: UnsafePointer<sockaddr>?, _ body: (UnsafeRawBufferPointer) -> Result?
  ) -> Result? {
    guard let address = unsafe address else { return nil }
    let bytes = unsafe UnsafeRawPointer(address)
    let family = Int32(unsafe address.pointee.sa_family)
    // The offset of the address in sockaddr_in and sockaddr_in6; see ip(7) and ipv6(7).
    switch family {
    case AF_INET: return unsafe body(UnsafeRawBufferPointer(start: bytes + 4, count: 4))
    case AF_INET6: return unsafe body(UnsafeRawBufferPointer(start: bytes + 8, count: 16))
    default: return nil
    }
  }
}
