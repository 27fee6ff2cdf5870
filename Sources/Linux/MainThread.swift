import Glibc

/// Runs an asynchronous program from a main thread that cannot be interrupted.
public enum MainThread {
  /// Blocks the signals of ``TerminationSignals``, runs the body on other threads, and exits with the status that it
  /// returns.
  ///
  /// Swift's asynchronous `main` ends in `dispatch_main`, which parks the main thread with no signal blocked. A SIGTERM
  /// delivered there would kill the program. This main thread receives the signals instead.
  public static func run(_ body: @escaping @Sendable () async -> Int32) -> Never {
    TerminationSignals.block()
    Task { exit(await body()) }
    TerminationSignals.receive()
  }
}
