import CLinux
import Glibc
import Linux

/// A /proc tree: the only type that opens its files.
///
/// The root is a parameter, so that tests can use fixtures.
public final class ProcFS: Sendable {
  /// The mount point of the tree, for messages.
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

  /// Whether the tree is a real proc file system rather than a folder of files.
  ///
  /// See statfs(2), `PROC_SUPER_MAGIC`.
  public var isKernelsOwn: Bool { clinux_file_system_type(directory) == 0x9FA0 }

  /// Reads /proc/stat.
  public func systemStat() throws(ProcError) -> SystemStat { try parse("stat", SystemStat.init) }

  /// The UUID of this boot, or `nil` if the tree has none.
  ///
  /// See proc_sys_kernel(5), `random/boot_id`.
  public func bootID() -> String? {
    guard let bytes = try? contents(of: "sys/kernel/random/boot_id") else { return nil }
    let text = String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self)
    return text.isEmpty ? nil : text
  }

  /// The limit of a file in bytes: several times the table of the 100,000 mounts that Linux allows.
  private static let mostBytes = 64 << 20

  /// Reads a whole file below the root.
  ///
  /// - Throws: `EFBIG` if the file is larger than 64 MiB.
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
      guard bytes.count + count <= Self.mostBytes else {
        throw .unreadable(SystemCallError(call: "read", subject: path(name), code: EFBIG))
      }
      bytes += chunk[..<count]
    }
  }

  /// Reads and parses a whole file below the root.
  func parse<Value>(
    _ name: String, _ make: (Span<UInt8>, String) throws(ProcError) -> Value
  ) throws(ProcError) -> Value {
    let bytes = try contents(of: name)
    return try make(bytes.span, path(name))
  }

  func path(_ name: String) -> String { "\(root)/\(name)" }
}
