import Linux
import ProcFS

/// What the kernel said at one instant.
///
/// It holds counters and no arithmetic; see ``Snapshot`` for what follows from two.
struct Sample: Sendable, Equatable {
  /// When the sweep began.
  var time: Instant
  var sweep: ProcessSweep
  var system: SystemStat
}
