import CLinux
import Glibc

/// The name under which process tables show us.
///
/// See proc_pid_comm(5). The kernel keeps 15 bytes of it.
public enum CommandName {
  /// Names the whole process, which is called like its main thread.
  public static func set(_ name: String) { write(name, to: "/proc/self/comm") }

  /// Names the calling thread.
  static func setForThread(_ name: String) { write(name, to: "/proc/thread-self/comm") }

  /// Without /proc the name stays what it was, which harms nobody.
  private static func write(_ name: String, to path: String) {
    let descriptor = unsafe clinux_openat(AT_FDCWD, path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    let bytes = Array(name.utf8)
    _ = unsafe Glibc.write(descriptor, bytes, bytes.count)
    close(descriptor)
  }
}
