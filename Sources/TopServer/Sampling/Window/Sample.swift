import Linux
import ProcFS

/// What the kernel said at one instant.
///
/// It holds counters and no arithmetic; see ``Snapshot`` for what follows from two.
struct Sample: Sendable, Equatable {
  /// When the sweep began.
  var time: Instant
  var sweep: ProcessSweep
  /// `nil` when /proc/stat could not be read or understood this time.
  var system: SystemStat?
  /// Nanoseconds from ``time`` until /proc/stat was read: its counters are of a moment in between.
  var systemDelay: Int64 = 0
  var surroundings = Surroundings()
  var machine = MachineCounters()
  /// What the start times of the processes count in; `nil` is our own clock.
  var startClock: StartClock?
  /// When the last process was read, in nanoseconds since the epoch; `nil` is ``time``.
  ///
  /// A process may be born while the others are read.
  var wallAtEnd: Int64?
}
