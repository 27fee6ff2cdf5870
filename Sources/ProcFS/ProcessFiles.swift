import CLinux
import Glibc
import Linux

/// Reads the files of single processes.
///
/// The result is `nil` if the process has exited, or if its file is unreadable or malformed. The latter cases are
/// counted.
struct ProcessFiles: Sendable {
  let procfs: ProcFS
  private var buffer = [UInt8](repeating: 0, count: 1024)

  init(_ procfs: ProcFS) {
    self.procfs = procfs
  }

  /// Reads the stat file.
  ///
  /// See proc_pid_stat(5).
  mutating func stat(of pid: Int32, _ skipped: inout SkippedProcesses) -> ProcessStat? {
    read("\(pid)/stat", &skipped) { (bytes, file) throws(ProcError) in
      let stat = try ProcessStat(parsing: bytes, file: file)
      guard stat.identity.pid == pid else { throw .malformed(file: file, field: "pid") }
      return stat
    }
  }

  /// Reads the statm file.
  ///
  /// See proc_pid_statm(5).
  mutating func memory(of pid: Int32, _ skipped: inout SkippedProcesses) -> ProcessMemory? {
    read("\(pid)/statm", &skipped, ProcessMemory.init)
  }

  /// The owner of the process's folder, which is its effective user id.
  ///
  /// See fstatat(2).
  func owner(of pid: Int32) -> UInt32? {
    var status = Glibc.stat()
    guard unsafe fstatat(procfs.directory, "\(pid)", &status, 0) == 0 else { return nil }
    return status.st_uid
  }

  private mutating func read<Value>(
    _ name: String, _ skipped: inout SkippedProcesses,
    _ parse: (Span<UInt8>, String) throws(ProcError) -> Value
  ) -> Value? {
    do throws(ProcError) {
      let descriptor = unsafe clinux_openat(
        procfs.directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
      guard descriptor >= 0 else { return try absent("open", name) }
      defer { close(descriptor) }
      let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
      guard count >= 0 else { return try absent("read", name) }
      return try parse(buffer.span.extracting(0..<count), name)
    } catch {
      skipped.count(error.below(procfs.root))
      return nil
    }
  }

  /// Returns `nil` if the process exited between listing and reading; throws any other error.
  private func absent<Value>(_ call: String, _ name: String) throws(ProcError) -> Value? {
    if errno == ENOENT || errno == ESRCH { return nil }
    throw .unreadable(.last(call, name))
  }
}
