/// The memory of a process, from /proc/PID/statm.
///
/// It is much cheaper for the kernel than /proc/PID/stat. See proc_pid_statm(5).
struct ProcessMemory: Equatable {
  /// The largest plausible number of pages.
  ///
  /// With 64 KiB pages it is more than any machine has, and it is small enough to convert to bytes.
  static let mostPages: UInt64 = 1 << 38

  /// Resident set size in pages.
  var residentPages: UInt64

  /// - Throws: ``ProcError/malformed(file:field:)`` if the second number is missing.
  init(parsing bytes: Span<UInt8>, file: String) throws(ProcError) {
    var fields = Fields(0..<bytes.count)
    fields.skip(1, bytes)  // size
    guard let resident = fields.ticks(bytes) else {
      throw .malformed(file: file, field: "resident")
    }
    residentPages = min(resident, Self.mostPages)
  }
}
