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
        continuation.resume(returning: received == SIGINT ? "SIGINT" : "SIGTERM")
      }
    }
  }

  private static var set: sigset_t {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGTERM)
    unsafe sigaddset(&signals, SIGINT)
    return signals
  }
}
