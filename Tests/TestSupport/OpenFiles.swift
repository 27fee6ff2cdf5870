import Linux

/// The open files of this process, for tests that look for leaks.
public enum OpenFiles {
  /// Makes the runtime open the epoll instance that it needs for the first sleep and keeps open.
  public static func warmUp() async throws { try await Task.sleep(for: .milliseconds(1)) }

  /// The number of open sockets, epoll instances and eventfds.
  ///
  /// Other descriptors do not count: the runtime opens a timerfd for each clock, and a sanitizer opens pipes and its log,
  /// when they first need them. See proc_pid_fd(5).
  public static func count() throws -> Int {
    let folder = "/proc/self/fd"
    return try Files.names(in: folder).count { name in
      // The descriptor of the listing itself is already closed.
      guard let target = try? Files.target(ofLink: "\(folder)/\(name)") else { return false }
      return target.hasPrefix("socket:") || target == "anon_inode:[eventpoll]"
        || target == "anon_inode:[eventfd]"
    }
  }
}
