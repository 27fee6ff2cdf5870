import CLinux
import Glibc
import Linux

/// Reads the files that say who is behind a process: its arguments, its executable and its control group.
///
/// Reading the arguments needs the memory of the process, so it can block for as long as a page of it cannot be read,
/// for example from a network file system. Read these files only on a thread that nothing waits for.
public struct IdentityFiles: Sendable {
  /// The result of reading one file.
  public enum Reading: Sendable, Equatable {
    /// Its first bytes, at most as many as asked for and one more if there are more.
    case bytes([UInt8])
    /// The process exited, or has no such file: a kernel thread has no executable.
    case absent
    /// The kernel does not permit it.
    case notPermitted

    /// The bytes; `nil` if there are none to show.
    public var bytes: [UInt8]? {
      if case .bytes(let bytes) = self { bytes } else { nil }
    }
  }

  private let procfs: ProcFS
  private var buffer: [UInt8] = []
  /// A link has at most PATH_MAX bytes.
  private var link = [CChar](repeating: 0, count: 4096)

  public init(_ procfs: ProcFS) {
    self.procfs = procfs
  }

  /// The arguments, each with a NUL behind it.
  ///
  /// See proc_pid_cmdline(5).
  public mutating func arguments(of pid: Int32, atMost most: Int) -> Reading {
    read("\(pid)/cmdline", atMost: most)
  }

  /// The control groups, a line each.
  ///
  /// See cgroups(7), /proc/PID/cgroup.
  public mutating func controlGroups(of pid: Int32, atMost most: Int) -> Reading {
    read("\(pid)/cgroup", atMost: most)
  }

  /// The path of the executable.
  ///
  /// See proc_pid_exe(5).
  public mutating func executable(of pid: Int32) -> Reading {
    let count = unsafe readlinkat(procfs.directory, "\(pid)/exe", &link, link.count)
    return count < 0
      ? Self.failure() : .bytes(link[..<count].map(UInt8.init(bitPattern:)))
  }

  /// The kernel makes each of these files as a whole when it is read, so one call reads all that fits.
  private mutating func read(_ name: String, atMost most: Int) -> Reading {
    // The buffer grows to the largest file that was asked for.
    makeRoom(most + 1)
    let descriptor = unsafe clinux_openat(procfs.directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return Self.failure() }
    defer { close(descriptor) }
    let count = unsafe Glibc.read(descriptor, &buffer, most + 1)
    return count < 0 ? Self.failure() : .bytes(Array(buffer[..<count]))
  }

  private mutating func makeRoom(_ count: Int) {
    if buffer.count < count { buffer = [UInt8](repeating: 0, count: count) }
  }

  private static func failure() -> Reading {
    errno == EACCES || errno == EPERM ? .notPermitted : .absent
  }
}
