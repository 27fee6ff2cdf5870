import Glibc

/// A bound and listening TCP socket.
public struct ListeningSocket: Sendable {
  public let descriptor: Int32
  /// The bound port, even if the caller asked for port 0.
  public let port: UInt16

  /// Binds and listens.
  ///
  /// See getaddrinfo(3), bind(2), listen(2).
  ///
  /// - Parameters:
  ///   - host: An address or a name. `::` serves IPv4 too.
  ///   - port: The port; 0 selects a free one.
  public init(host: String, port: UInt16) throws(SystemCallError) {
    let subject = AddressLookup.authority(host, port)
    let unknown = SystemCallError(call: "getaddrinfo", subject: subject, code: EADDRNOTAVAIL)
    descriptor = try unsafe AddressLookup.withFirst(of: host, port: port, orThrow: unknown) {
      (address) throws(SystemCallError) in try unsafe Self.listen(at: address, subject: subject)
    }
    self.port = Self.boundPort(of: descriptor)
  }

  private static func listen(at address: addrinfo, subject: String) throws(SystemCallError) -> Int32
  {
    let options = Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = unsafe socket(address.ai_family, address.ai_socktype | options, 0)
    guard descriptor >= 0 else { throw .last("socket", subject) }
    var one: Int32 = 1
    var zero: Int32 = 0
    let size = socklen_t(MemoryLayout<Int32>.size)
    // A restart must not wait until old connections leave TIME_WAIT.
    _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, size)
    if unsafe address.ai_family == AF_INET6 {
      _ = unsafe setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &zero, size)
    }
    guard unsafe bind(descriptor, address.ai_addr, address.ai_addrlen) == 0,
      Glibc.listen(descriptor, SOMAXCONN) == 0
    else {
      let error = SystemCallError.last("bind", subject)
      close(descriptor)
      throw error
    }
    return descriptor
  }

  private static func boundPort(of descriptor: Int32) -> UInt16 {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    // The port is at the same offset in sockaddr_in and sockaddr_in6.
    return unsafe withUnsafeMutableBytes(of: &storage) { bytes in
      guard let base = bytes.baseAddress,
        unsafe getsockname(descriptor, base.assumingMemoryBound(to: sockaddr.self), &length) == 0
      else { return 0 }
      return unsafe UInt16(bigEndian: bytes.load(fromByteOffset: 2, as: UInt16.self))
    }
  }
}
