import Glibc

/// The main thread of a program whose work is asynchronous.
public enum MainThread {
  /// Blocks the signals of ``TerminationSignals``, runs the body on other threads, and exits with its status.
  ///
  /// Swift's own asynchronous `main` ends in `dispatch_main`, which parks the main thread with no signal blocked: there
  /// a SIGTERM would kill the program, whatever the other threads do.
  public static func run(_ body: @escaping @Sendable () async -> Int32) -> Never {
    TerminationSignals.block()
    Task { exit(await body()) }
    // Returns only after a signal was handled, and none is. See pause(2).
    while true { pause() }
  }
}
