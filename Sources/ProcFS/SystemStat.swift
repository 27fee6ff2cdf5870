import Linux

/// The fields of /proc/stat that Top-Server uses.
///
/// A virtualized file may be truncated or lack lines. A missing line costs only its own value. See proc_stat(5).
public struct SystemStat: Sendable, Equatable {
  /// The time of all CPUs since boot.
  public var modes: CPUModes
  /// The number of online CPUs; if the file lists none, the number that the C library reports.
  public var cpuCount: Int
  /// The boot time in seconds since the epoch.
  ///
  /// It moves when the wall clock is set.
  ///
  /// It is rounded down, and LXCFS replaces it; ``StartClock`` is more accurate.
  public var bootTime: UInt64?
  /// Processes and threads created since boot; `nil` if the kernel does not report it.
  public var forks: UInt64?

  /// - Throws: ``ProcError/malformed(file:field:)`` if the line for all CPUs is missing.
  public init(parsing bytes: Span<UInt8>, file: String) throws(ProcError) {
    var modes: CPUModes?
    var cpus = 0
    var lines = Lines()
    while let line = lines.next(bytes) {
      let (start, end) = (line.lowerBound, line.upperBound)
      if bytes.begins("cpu ", at: start) {
        var fields = Fields(start + 4..<end)
        modes = CPUModes(&fields, bytes)
      } else if bytes.begins("cpu", at: start), start + 3 < end, bytes[start + 3] &- 0x30 <= 9 {
        cpus += 1
      } else if end == bytes.count {
        // The file was truncated here, perhaps within the number.
        break
      } else if bytes.begins("btime ", at: start) {
        var fields = Fields(start + 6..<end)
        bootTime = fields.unsigned(bytes)
      } else if bytes.begins("processes ", at: start) {
        var fields = Fields(start + 10..<end)
        forks = fields.counter(bytes)
      }
    }
    guard let modes else { throw .malformed(file: file, field: "cpu") }
    self.modes = modes
    self.cpuCount = cpus > 0 ? cpus : Machine.onlineCPUs
  }
}

extension Span<UInt8> {
  /// Whether the bytes at a position start with the text.
  func begins(_ text: String, at start: Int) -> Bool {
    var position = start
    for byte in text.utf8 {
      guard position < count, self[position] == byte else { return false }
      position += 1
    }
    return true
  }
}
