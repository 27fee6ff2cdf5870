import Linux

/// The files that this process has open, for tests that look for leaks.
public enum OpenFiles {
  /// Makes the runtime open the descriptors of its timers, which it does when a task first sleeps, and keeps.
  public static func warmUp() async throws { try await Task.sleep(for: .milliseconds(1)) }

  /// The number of open descriptors; see proc_pid_fd(5).
  public static func count() throws -> Int { try Files.names(in: "/proc/self/fd").count }
}
