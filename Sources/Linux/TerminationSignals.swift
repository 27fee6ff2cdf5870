import Dispatch
import Glibc

/// SIGTERM and SIGINT as something to wait for.
///
/// See sigwait(3).
public enum TerminationSignals {
  /// Blocks the two signals in this thread and in every thread that it starts from now on.
  ///
  /// ``MainThread`` calls this first of all: a thread that was started before would still be killed by a second signal in the
  /// middle of the shutdown. SIGPIPE is ignored; a peer that went away is an error of `write`, not our end.
  static func block() {
    var signals = set
    _ = unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    _ = signal(SIGPIPE, SIG_IGN)
  }

  /// Waits for the next of the two and gives its name.
  public static func next() async -> String {
    await withCheckedContinuation { continuation in
      // sigwait blocks, so it gets a thread of its own rather than one of the pool.
      DispatchQueue(label: "signals").async {
        var signals = set
        var received: Int32 = 0
        _ = unsafe sigwait(&signals, &received)
        continuation.resume(returning: name(of: received))
      }
    }
  }

  /// Waits for the next of the two, but no longer than so much.
  ///
  /// See sigtimedwait(2).
  ///
  /// - Returns: Its name, or `nil` when none came.
  public static func next(within limit: Duration) async -> String? {
    await withCheckedContinuation { continuation in
      DispatchQueue(label: "signals").async {
        continuation.resume(returning: wait(until: Instant.monotonicNow() + limit.nanoseconds))
      }
    }
  }

  /// - Parameter end: Nanoseconds on the monotonic clock.
  private static func wait(until end: Int64) -> String? {
    var signals = set
    while true {
      let left = max(0, end - Instant.monotonicNow())
      var time = timespec(
        tv_sec: Int(left / 1_000_000_000), tv_nsec: Int(left % 1_000_000_000))
      let received = unsafe sigtimedwait(&signals, nil, &time)
      if received > 0 { return name(of: received) }
      // Being stopped and continued ends the call too.
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
