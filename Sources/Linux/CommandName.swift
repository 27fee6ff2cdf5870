import CLinux
import Glibc

/// The name that process tables show for this process.
///
/// The kernel keeps 15 bytes of it. See proc_pid_comm(5).
public enum CommandName {
  /// Names the main thread and thereby the process.
  public static func set(_ name: String) { write(name, to: "/proc/self/comm") }

  /// Names the calling thread.
  static func setForThread(_ name: String) { write(name, to: "/proc/thread-self/comm") }

  /// Ignores errors: without /proc the name stays unchanged, which is harmless.
  private static func write(_ name: String, to path: String) {
    let descriptor = unsafe clinux_openat(AT_FDCWD, path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    let bytes = Array(name.utf8)
    _ = unsafe Glibc.write(descriptor, bytes, bytes.count)
    close(descriptor)
  }
}
