import CLinux
import Glibc

/// Wakes a thread that waits for files, from any other thread.
///
/// See eventfd(2).
public final class WakeUpCall: Sendable {
  /// Readable from a call until it is heard.
  public let descriptor: Int32

  public init() throws(SystemCallError) {
    descriptor = eventfd(0, Int32(O_CLOEXEC) | Int32(O_NONBLOCK))
    guard descriptor >= 0 else { throw .last("eventfd") }
  }

  deinit { close(descriptor) }

  /// Wakes the thread; calls that it has not heard yet are one.
  public func call() {
    var one: UInt64 = 1
    // It can fail only when so many calls are unheard that one more makes no difference.
    _ = unsafe write(descriptor, &one, MemoryLayout<UInt64>.size)
  }

  /// Takes the calls so far.
  public func hear() {
    var count: UInt64 = 0
    _ = unsafe read(descriptor, &count, MemoryLayout<UInt64>.size)
  }
}
