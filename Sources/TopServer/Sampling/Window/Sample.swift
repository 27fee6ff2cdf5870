import Linux
import ProcFS

/// The kernel's counters at one instant.
///
/// It does no arithmetic; a ``Snapshot`` compares two samples.
struct Sample: Sendable, Equatable {
  /// When the sweep began.
  var time: Instant
  var sweep: ProcessSweep
  /// `nil` when /proc/stat was unreadable or invalid.
  var system: SystemStat?
  /// Nanoseconds from ``time`` until /proc/stat had been read: the counters are from a moment in between.
  var systemDelay: Int64 = 0
  var surroundings = Surroundings()
  var machine = MachineCounters()
  /// The clock of the start times; `nil` is our own clock.
  var startClock: StartClock?
  /// When the last process was read, in nanoseconds since the epoch; `nil` is ``time``.
  ///
  /// A process may start while the others are read.
  var wallAtEnd: Int64?
}
