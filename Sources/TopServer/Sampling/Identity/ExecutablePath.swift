/// The path of the program that a process runs, from the link /proc/PID/exe.
///
/// See proc_pid_exe(5).
struct ExecutablePath: Sendable, Hashable {
  /// The largest ``path`` in bytes.
  static let mostBytes = 1024

  /// Valid UTF-8 without control characters.
  let path: String
  /// Whether the file is gone, for example after an upgrade.
  let isDeleted: Bool

  /// Reads the target of the link.
  ///
  /// The kernel appends ` (deleted)` to the path of a file that is gone. A file whose own name ends like this cannot be
  /// told apart.
  init(link: [UInt8]) {
    let mark = Array(" (deleted)".utf8)
    isDeleted = link.count > mark.count && link.suffix(mark.count).elementsEqual(mark)
    path = IdentityText.visible(
      isDeleted ? link.dropLast(mark.count) : link[...], atMost: Self.mostBytes)
  }

  init(_ link: String) { self.init(link: Array(link.utf8)) }

  /// The name of the file; `nil` for a file in memory, such as `/memfd:runc_cloned:/proc/self/exe`.
  var name: String? {
    guard !path.hasPrefix("/memfd:") else { return nil }
    let name = IdentityText.lastComponent(path)
    return name.isEmpty ? nil : name
  }
}
