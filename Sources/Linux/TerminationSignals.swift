import Dispatch
import Glibc

/// Waits for SIGTERM and SIGINT.
///
/// See sigwait(3).
public enum TerminationSignals {
  /// Blocks the two signals in this thread and in all threads that it starts later.
  ///
  /// ``MainThread`` calls this first: in a thread started earlier, a second signal would kill the program during
  /// shutdown. It also ignores SIGPIPE, since a broken connection is an error of `write` and must not end the program.
  static func block() {
    var signals = set
    _ = unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    _ = signal(SIGPIPE, SIG_IGN)
  }

  /// Waits for the next signal and returns its name.
  public static func next() async -> String {
    await withCheckedContinuation { continuation in
      // sigwait blocks, so it runs on a queue of its own instead of Swift's pool.
      DispatchQueue(label: "signals").async {
        var signals = set
        var received: Int32 = 0
        _ = unsafe sigwait(&signals, &received)
        continuation.resume(returning: name(of: received))
      }
    }
  }

  /// Waits for the next signal for at most `limit`.
  ///
  /// See sigtimedwait(2).
  ///
  /// - Returns: The name of the signal, or `nil` if none came.
  public static func next(within limit: Duration) async -> String? {
    await withCheckedContinuation { continuation in
      DispatchQueue(label: "signals").async {
        continuation.resume(returning: wait(until: Instant.monotonicNow() + limit.nanoseconds))
      }
    }
  }

  /// - Parameter end: Nanoseconds on `CLOCK_MONOTONIC`.
  private static func wait(until end: Int64) -> String? {
    var signals = set
    while true {
      let left = max(0, end - Instant.monotonicNow())
      var time = timespec(
        tv_sec: Int(left / 1_000_000_000), tv_nsec: Int(left % 1_000_000_000))
      let received = unsafe sigtimedwait(&signals, nil, &time)
      if received > 0 { return name(of: received) }
      // Stopping and continuing the process interrupts the call too.
      guard errno == EINTR else { return nil }
    }
  }

  private static func name(of signal: Int32) -> String {
    signal == SIGINT ? "SIGINT" : "SIGTERM"
  }

  private static var set: sigset_t {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGTERM)
    unsafe sigaddset(&signals, SIGINT)
    return signals
  }
}
