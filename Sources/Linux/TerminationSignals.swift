import Glibc

/// Waits for SIGTERM and SIGINT.
///
/// The main thread receives them, see ``MainThread``. Until the program calls ``handle()`` or waits for one, they end it
/// as they end any program. So a command that never waits needs no code for them, and a start that hangs can be ended.
///
/// See sigwait(3).
public enum TerminationSignals {
  private static let queue = SignalQueue()

  /// Blocks the two signals in this thread and in all threads that it starts later.
  ///
  /// ``MainThread`` calls this first: in a thread started earlier, a second signal would kill the program during
  /// shutdown. It also ignores SIGPIPE, since a broken connection is an error of `write` and must not end the program.
  static func block() {
    var signals = set
    _ = unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    _ = signal(SIGPIPE, SIG_IGN)
  }

  /// Receives signals on this thread for as long as the program runs.
  static func receive() -> Never {
    var signals = set
    while true {
      var received: Int32 = 0
      guard unsafe sigwait(&signals, &received) == 0 else { continue }
      if !queue.deliver(name(of: received)) { endProgram(by: received) }
    }
  }

  /// Ends the program as the signal would have ended it without ``block()``, so that the parent sees the reason.
  ///
  /// Returns if the parent made the program ignore the signal, as a shell does for a command in the background.
  private static func endProgram(by signal: Int32) {
    var one = sigset_t()
    unsafe sigemptyset(&one)
    unsafe sigaddset(&one, signal)
    _ = unsafe pthread_sigmask(SIG_UNBLOCK, &one, nil)
    raise(signal)
    // The kernel does not let a signal end the first process of a container. See pid_namespaces(7).
    if getpid() == 1 { _exit(128 + signal) }
    _ = unsafe pthread_sigmask(SIG_BLOCK, &one, nil)
  }

  /// Keeps signals for ``next()`` from now on: the program must end in order.
  public static func handle() { queue.open() }

  /// Waits for the next signal and returns its name.
  public static func next() async -> String { await queue.next(within: nil) ?? "" }

  /// Waits for the next signal for at most `limit`.
  ///
  /// - Returns: The name of the signal, or `nil` if none came.
  public static func next(within limit: Duration) async -> String? {
    await queue.next(within: limit)
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
