import Glibc

/// Resolves a host and a port to socket addresses.
///
/// See getaddrinfo(3).
enum AddressLookup {
  /// Calls `body` with the first address found.
  ///
  /// The address is valid only during the call.
  static func withFirst<Failure: Error, Result>(
    of host: String, port: UInt16, orThrow failure: @autoclosure () -> Failure,
    _ body: (addrinfo) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var hints = unsafe addrinfo()
    unsafe hints.ai_flags = AI_NUMERICSERV
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    guard unsafe getaddrinfo(host, String(port), &hints, &list) == 0, let first = unsafe list else {
      throw failure()
    }
    defer { unsafe freeaddrinfo(list) }
    return try unsafe body(first.pointee)
  }

  /// A socket address in the byte layout that the kernel expects.
  struct Address: Sendable, Equatable {
    var family: Int32
    var bytes: [UInt8]
  }

  /// All addresses of a host, in order of preference; empty if the host is unknown.
  static func all(of host: String, port: UInt16) -> [Address] {
    var hints = unsafe addrinfo()
    unsafe hints.ai_flags = AI_NUMERICSERV
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    guard unsafe getaddrinfo(host, String(port), &hints, &list) == 0 else { return [] }
    defer { unsafe freeaddrinfo(list) }
    var addresses: [Address] = []
    var next = unsafe list
    while let entry = unsafe next?.pointee {
      let bytes = unsafe UnsafeRawBufferPointer(
        start: entry.ai_addr, count: Int(entry.ai_addrlen))
      unsafe addresses.append(Address(family: entry.ai_family, bytes: Array(bytes)))
      unsafe next = entry.ai_next
    }
    return addresses
  }

  /// `host:port`, with brackets around an IPv6 address.
  static func authority(_ host: String, _ port: UInt16) -> String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}
