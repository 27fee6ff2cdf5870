import Glibc

/// A connected socket that never blocks its thread, whatever its flags say.
///
/// It is a number and no more: whoever opened it closes it.
public struct StreamSocket: Sendable {
  public let descriptor: Int32

  public init(_ descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// How a call went.
  public enum Outcome: Sendable, Equatable {
    /// So many bytes, at least one.
    case bytes(Int)
    /// Not now.
    case wouldBlock
    /// The other side has ended its half, in order.
    case end
    /// The connection is lost, for a reason in words.
    case lost(String)
  }

  /// Reads what has come, into the start of the buffer.
  ///
  /// See recv(2).
  public func receive(into buffer: inout [UInt8]) -> Outcome {
    while true {
      let count = unsafe recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      if count > 0 { return .bytes(count) }
      if count == 0 { return .end }
      if errno != EINTR { return Self.failure }
    }
  }

  /// Sends as much as the kernel takes.
  ///
  /// See send(2); a connection that is gone raises no signal.
  public func send(_ bytes: ArraySlice<UInt8>) -> Outcome {
    unsafe bytes.withUnsafeBytes { unsafe send($0) }
  }

  /// The same for bytes that stand elsewhere.
  public func send(_ bytes: UnsafeRawBufferPointer) -> Outcome {
    let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
    while true {
      let count = unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, flags)
      if count >= 0 { return .bytes(count) }
      if errno != EINTR { return Self.failure }
    }
  }

  private static var failure: Outcome {
    errno == EAGAIN ? .wouldBlock : .lost(SystemCallError.last("").reason)
  }

  /// Tells the other side that nothing more will come.
  ///
  /// See shutdown(2).
  public func endSending() { _ = shutdown(descriptor, Int32(SHUT_WR)) }

  /// Ends both directions; the number of the socket stays taken until it is closed.
  ///
  /// See shutdown(2).
  public func end() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }

  /// Small messages leave at once instead of waiting for company.
  ///
  /// See tcp(7), `TCP_NODELAY`; other kinds of sockets do not wait anyway.
  public func sendAtOnce() {
    var one: Int32 = 1
    let size = socklen_t(MemoryLayout<Int32>.size)
    _ = unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, size)
  }
}

extension StreamSocket {
  /// Blocks until the socket can be read or written, or is broken; false when a moment on the monotonic clock, in
  /// nanoseconds, came first.
  ///
  /// See poll(2).
  public func wait(for interest: EventPoll.Interest, until deadline: Int64) -> Bool {
    // POLLIN and POLLOUT have the values of EPOLLIN and EPOLLOUT.
    var file = pollfd(fd: descriptor, events: Int16(interest.rawValue), revents: 0)
    while true {
      let left = max(0, deadline - Instant.monotonicNow())
      let milliseconds = min((left + 999_999) / 1_000_000, 3_600_000)
      let count = unsafe poll(&file, 1, Int32(milliseconds))
      if count > 0 || count < 0 && errno != EINTR { return true }
      if Instant.monotonicNow() >= deadline { return false }
    }
  }
}
