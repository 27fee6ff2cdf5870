import CLinux
import Glibc

/// Wakes a thread that waits for files; any thread can call it.
///
/// See eventfd(2).
public final class WakeUpCall: Sendable {
  /// Readable from ``call()`` until ``hear()``.
  public let descriptor: Int32

  public init() throws(SystemCallError) {
    descriptor = eventfd(0, Int32(O_CLOEXEC) | Int32(O_NONBLOCK))
    guard descriptor >= 0 else { throw .last("eventfd") }
  }

  deinit { close(descriptor) }

  /// Wakes the thread.
  ///
  /// Calls before the next ``hear()`` count as one.
  public func call() {
    var one: UInt64 = 1
    // This fails only if the counter is full, and then the thread is woken anyway.
    _ = unsafe write(descriptor, &one, MemoryLayout<UInt64>.size)
  }

  /// Clears the calls so far.
  public func hear() {
    var count: UInt64 = 0
    _ = unsafe read(descriptor, &count, MemoryLayout<UInt64>.size)
  }
}
