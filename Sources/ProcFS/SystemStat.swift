import Linux

/// What Top-Server needs of /proc/stat.
///
/// A virtual one may be cut off, or lack lines: a line that is missing costs its own value only. See proc_stat(5).
public struct SystemStat: Sendable, Equatable {
  /// The time of all CPUs since boot.
  public var modes: CPUModes
  /// CPUs that are online; as many as we see ourselves where the file lists none.
  public var cpuCount: Int
  /// When the machine booted, in seconds since the epoch; moves when the wall clock is set.
  ///
  /// It is rounded down, and LXCFS replaces it: ``StartClock`` knows better.
  public var bootTime: UInt64?
  /// Processes and threads that were created since boot; `nil` on a kernel that does not say.
  public var forks: UInt64?

  /// - Throws: ``ProcError/malformed(file:field:)`` when there is no line for all CPUs.
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
        // The file was cut off here, and perhaps in the middle of the number.
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
  /// Whether the text stands at this place.
  func begins(_ text: String, at start: Int) -> Bool {
    var position = start
    for byte in text.utf8 {
      guard position < count, self[position] == byte else { return false }
      position += 1
    }
    return true
  }
}
