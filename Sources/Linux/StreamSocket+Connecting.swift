import Glibc

extension StreamSocket {
  /// Opens a TCP connection to the first address of a host that accepts it.
  ///
  /// The remaining time is divided among the remaining addresses, so that one that drops packets cannot use all of it.
  /// The resolver limits the time of the name lookup; see resolv.conf(5).
  ///
  /// See getaddrinfo(3), connect(2).
  ///
  /// - Parameters:
  ///   - host: An address without brackets, or a name.
  ///   - deadline: Nanoseconds on `CLOCK_MONOTONIC`.
  /// - Throws: The error of the last address. The call is `getaddrinfo` if the name has no address.
  public static func connect(host: String, port: UInt16, until deadline: Int64)
    throws(SystemCallError) -> StreamSocket
  {
    let subject = AddressLookup.authority(host, port)
    var addresses = AddressLookup.all(of: host, port: port)[...]
    var error = SystemCallError(call: "getaddrinfo", subject: subject, code: EADDRNOTAVAIL)
    while let address = addresses.first {
      let now = Instant.monotonicNow()
      let share = max(0, deadline - now) / Int64(addresses.count)
      switch open(address, until: now + share, subject) {
      case .success(let socket): return socket
      case .failure(let reason): error = reason
      }
      addresses.removeFirst()
    }
    throw error
  }

  private static func open(
    _ address: AddressLookup.Address, until deadline: Int64, _ subject: String
  ) -> Result<StreamSocket, SystemCallError> {
    let flags = Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue) | flags, 0)
    guard descriptor >= 0 else { return .failure(.last("socket", subject)) }
    let status = unsafe address.bytes.withUnsafeBytes {
      unsafe Glibc.connect(
        descriptor, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
    }
    var code = status == 0 ? 0 : errno
    let socket = StreamSocket(descriptor)
    if code == EINPROGRESS {
      code = socket.wait(for: .writing, until: deadline) ? socket.takeError() : ETIMEDOUT
    }
    guard code == 0 else {
      Glibc.close(descriptor)
      return .failure(SystemCallError(call: "connect", subject: subject, code: code))
    }
    return .success(socket)
  }

  /// The result of a connection attempt as an `errno` value; 0 means success.
  ///
  /// See socket(7), `SO_ERROR`.
  private func takeError() -> Int32 {
    var code: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 else {
      return errno
    }
    return code
  }

  /// Closes the socket.
  ///
  /// Only its owner may call this.
  ///
  /// See close(2).
  public func close() { Glibc.close(descriptor) }
}
