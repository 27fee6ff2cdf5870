import CLinux
import Glibc

/// Many files that one thread waits for.
///
/// See epoll(7); it is level-triggered: what is not dealt with is told again.
public final class EventPoll: Sendable {
  /// What to wait for; that the other side is gone is told in any case.
  public struct Interest: OptionSet, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// `EPOLLIN`: there is something to read, the end included.
    public static let reading = Interest(rawValue: 0x1)
    /// `EPOLLOUT`: something can be written.
    public static let writing = Interest(rawValue: 0x4)
  }

  /// What came about on one file.
  public struct Event: Sendable, Equatable {
    /// The number under which it was added.
    public var token: UInt64
    public var canRead: Bool
    public var canWrite: Bool
    /// `EPOLLERR` or `EPOLLHUP`: neither side will send any more.
    public var isBroken: Bool
  }

  private let descriptor: Int32

  public init() throws(SystemCallError) {
    descriptor = epoll_create1(Int32(O_CLOEXEC))
    guard descriptor >= 0 else { throw .last("epoll_create1") }
  }

  deinit { close(descriptor) }

  /// Begins to watch a file under a number of our own.
  public func add(_ file: Int32, as token: UInt64, for interest: Interest) throws(SystemCallError) {
    try control(1, file, clinux_event(events: interest.rawValue, token: token))
  }

  /// Watches it for something else from now on.
  public func change(_ file: Int32, as token: UInt64, to interest: Interest) throws(SystemCallError)
  {
    try control(3, file, clinux_event(events: interest.rawValue, token: token))
  }

  /// Watches it no more; to be called before the file is closed.
  public func remove(_ file: Int32) throws(SystemCallError) {
    try control(2, file, clinux_event(events: 0, token: 0))
  }

  /// - Parameter operation: `EPOLL_CTL_ADD`, `EPOLL_CTL_DEL` or `EPOLL_CTL_MOD`.
  private func control(_ operation: Int32, _ file: Int32, _ event: clinux_event)
    throws(SystemCallError)
  {
    var event = event
    guard unsafe clinux_epoll_ctl(descriptor, operation, file, &event) == 0 else {
      throw .last("epoll_ctl")
    }
  }

  /// Blocks until something came about, but no longer than so many nanoseconds; `nil` is for ever.
  ///
  /// See epoll_wait(2). Rounded up to milliseconds, so that what is due then is due when it returns.
  ///
  /// - Returns: 256 events at most; none when the time is over.
  public func wait(atMost nanoseconds: Int64?) throws(SystemCallError) -> [Event] {
    let milliseconds = nanoseconds.map { max(0, min($0, 3_600_000_000_000) + 999_999) / 1_000_000 }
    return try unsafe withUnsafeTemporaryAllocation(of: clinux_event.self, capacity: 256) {
      (events) throws(SystemCallError) in
      let count = unsafe clinux_epoll_wait(
        descriptor, events.baseAddress, Int32(events.count), Int32(milliseconds ?? -1))
      guard count >= 0 else {
        if errno == EINTR { return [] }
        throw .last("epoll_wait")
      }
      return unsafe events.prefix(Int(count)).map { event in
        // EPOLLIN, EPOLLOUT, EPOLLERR | EPOLLHUP
        Event(
          token: event.token, canRead: event.events & 0x1 != 0, canWrite: event.events & 0x4 != 0,
          isBroken: event.events & 0x18 != 0)
      }
    }
  }
}
