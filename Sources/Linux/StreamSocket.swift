import Glibc

/// A connected socket whose calls never block, regardless of its flags.
///
/// It is only a descriptor number. The code that opens the socket must close it.
public struct StreamSocket: Sendable {
  public let descriptor: Int32

  public init(_ descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// The result of a call.
  public enum Outcome: Sendable, Equatable {
    /// The number of bytes transferred.
    case bytes(Int)
    /// The call would have blocked.
    case wouldBlock
    /// The peer has shut down its sending side.
    case end
    /// The connection failed, with the reason as text.
    case lost(String)
  }

  /// Reads available bytes into the start of the buffer.
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

  /// Sends as many bytes as the kernel accepts.
  ///
  /// A broken connection raises no signal. See send(2).
  public func send(_ bytes: ArraySlice<UInt8>) -> Outcome {
    unsafe bytes.withUnsafeBytes { unsafe send($0) }
  }

  /// Like ``send(_:)-(ArraySlice<UInt8>)``, for bytes in other memory.
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

  /// Shuts down our sending side.
  ///
  /// See shutdown(2).
  public func endSending() { _ = shutdown(descriptor, Int32(SHUT_WR)) }

  /// Shuts down both directions.
  ///
  /// The descriptor stays valid until it is closed.
  ///
  /// See shutdown(2).
  public func end() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }

  /// Sends small messages at once instead of merging them.
  ///
  /// Sockets other than TCP always do this. See tcp(7), `TCP_NODELAY`.
  public func sendAtOnce() {
    var one: Int32 = 1
    let size = socklen_t(MemoryLayout<Int32>.size)
    _ = unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, size)
  }
}

extension StreamSocket {
  /// Blocks until the socket is readable, writable or broken.
  ///
  /// Returns false if the deadline, in nanoseconds on `CLOCK_MONOTONIC`, passes first.
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
