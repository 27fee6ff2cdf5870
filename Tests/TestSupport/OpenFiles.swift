import Linux

/// The files that this process has open, for tests that look for leaks.
public enum OpenFiles {
  /// Makes the runtime open the epoll instance of its timers, which it does when a task first sleeps, and keeps.
  public static func warmUp() async throws { try await Task.sleep(for: .milliseconds(1)) }

  /// The number of open sockets, epoll instances and eventfds; see proc_pid_fd(5).
  ///
  /// The runtime opens a timerfd for each clock, and a sanitizer opens pipes and its log, whenever they first need them.
  public static func count() throws -> Int {
    let folder = "/proc/self/fd"
    return try Files.names(in: folder).count { name in
      // The descriptor of the listing itself is closed by now.
      guard let target = try? Files.target(ofLink: "\(folder)/\(name)") else { return false }
      return target.hasPrefix("socket:") || target == "anon_inode:[eventpoll]"
        || target == "anon_inode:[eventfd]"
    }
  }
}
