import CLinux
import Glibc
import Linux

/// A tree of /proc: the one place that opens its files.
///
/// The root is a parameter, so that fixtures serve as well.
public final class ProcFS: Sendable {
  /// The folder that the tree is mounted on, for messages.
  public let root: String
  let directory: Int32

  /// Opens the root of the tree and keeps it open.
  ///
  /// See open(2), `O_DIRECTORY`.
  public init(root: String = "/proc") throws(ProcError) {
    self.root = root
    directory = unsafe clinux_openat(AT_FDCWD, root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { throw .unreadable(.last("open", root)) }
  }

  deinit { close(directory) }

  /// Whether the tree is the kernel's own, and no folder of files that looks like one.
  ///
  /// See statfs(2), `PROC_SUPER_MAGIC`.
  public var isKernelsOwn: Bool { clinux_file_system_type(directory) == 0x9FA0 }

  /// Reads /proc/stat.
  public func systemStat() throws(ProcError) -> SystemStat { try parse("stat", SystemStat.init) }

  /// The identity of this boot, a UUID, or `nil` where the tree has none.
  ///
  /// See proc_sys_kernel(5), `random/boot_id`.
  public func bootID() -> String? {
    guard let bytes = try? contents(of: "sys/kernel/random/boot_id") else { return nil }
    let text = String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self)
    return text.isEmpty ? nil : text
  }

  /// A whole file below the root.
  func contents(of name: String) throws(ProcError) -> [UInt8] {
    let descriptor = unsafe clinux_openat(directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .unreadable(.last("open", path(name))) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      let count = unsafe read(descriptor, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw .unreadable(.last("read", path(name))) }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
    }
  }

  /// A value from a whole file below the root.
  func parse<Value>(
    _ name: String, _ make: (Span<UInt8>, String) throws(ProcError) -> Value
  ) throws(ProcError) -> Value {
    let bytes = try contents(of: name)
    return try make(bytes.span, path(name))
  }

  func path(_ name: String) -> String { "\(root)/\(name)" }
}
