import CLinux
import Glibc

/// Waits for events on many files with one thread.
///
/// It is level-triggered: a condition is reported again until it is handled. See epoll(7).
public final class EventPoll: Sendable {
  /// The events to wait for.
  ///
  /// A hang-up by the peer is always reported.
  public struct Interest: OptionSet, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// `EPOLLIN`: data or the end of the stream can be read.
    public static let reading = Interest(rawValue: 0x1)
    /// `EPOLLOUT`: the file accepts data.
    public static let writing = Interest(rawValue: 0x4)
  }

  /// The events that occurred on one file.
  public struct Event: Sendable, Equatable {
    /// The token under which the file was added.
    public var token: UInt64
    public var canRead: Bool
    public var canWrite: Bool
    /// `EPOLLERR` or `EPOLLHUP`: the connection has failed, or both directions are shut down.
    public var isBroken: Bool
  }

  private let descriptor: Int32

  public init() throws(SystemCallError) {
    descriptor = epoll_create1(Int32(O_CLOEXEC))
    guard descriptor >= 0 else { throw .last("epoll_create1") }
  }

  deinit { close(descriptor) }

  /// Starts to watch a file under a token that the caller chooses.
  public func add(_ file: Int32, as token: UInt64, for interest: Interest) throws(SystemCallError) {
    try control(1, file, clinux_event(events: interest.rawValue, token: token))
  }

  /// Changes the events to watch on a file.
  public func change(_ file: Int32, as token: UInt64, to interest: Interest) throws(SystemCallError)
  {
    try control(3, file, clinux_event(events: interest.rawValue, token: token))
  }

  /// Stops watching a file.
  ///
  /// Call this before you close the file.
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

  /// Blocks until an event occurs or the time is over.
  ///
  /// `nil` waits without a limit.
  ///
  /// Rounds up to milliseconds, so that timers are due when this returns. See epoll_wait(2).
  ///
  /// - Returns: At most 256 events; none if the time is over.
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
