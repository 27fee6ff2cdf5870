import Linux

/// The files that this process has open, for tests that look for leaks.
public enum OpenFiles {
  /// Makes the runtime open what its timers wait on, which it does when a task first sleeps, and keeps.
  public static func warmUp() async throws { try await Task.sleep(for: .milliseconds(1)) }

  /// The number of open descriptors; see proc_pid_fd(5).
  ///
  /// Timers are left out: the runtime opens one for each clock that a task sleeps by, and no code of ours opens any.
  public static func count() throws -> Int {
    let folder = "/proc/self/fd"
    return try Files.names(in: folder).count { name in
      // A descriptor of the listing itself is closed by now.
      let target = try? Files.target(ofLink: "\(folder)/\(name)")
      return target != "anon_inode:[timerfd]"
    }
  }
}
