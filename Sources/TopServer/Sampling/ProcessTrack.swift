import ProcFS

/// The CPU counters of one process over the window.
///
/// Only changes are kept: a process that sleeps costs no memory beyond this value.
struct ProcessTrack: Sendable {
  /// A former value of the counters, and the last sweep that saw it.
  private struct Former {
    var lastSweep: Int
    var ticks: CPUTicks
  }

  let identity: ProcessIdentity
  /// The first sweep at which the counters are known.
  let since: Int
  private var current: CPUTicks
  private var former: [Former] = []

  /// A process whose past is unknown: nothing can be said before its second sweep.
  init(firstSeen identity: ProcessIdentity, at sweep: Int, _ ticks: CPUTicks) {
    self.identity = identity
    since = sweep
    current = ticks
  }

  /// A process that was born after the sweep before this one, at which its counters therefore were 0.
  init(newborn identity: ProcessIdentity, at sweep: Int, _ ticks: CPUTicks) {
    self.identity = identity
    since = sweep - 1
    current = ticks
    former = [Former(lastSweep: sweep - 1, ticks: .zero)]
  }

  /// Takes the counters that the newest sweep saw and forgets those from before the oldest sweep that matters.
  mutating func add(_ ticks: CPUTicks, at sweep: Int, oldest: Int) {
    if ticks != current {
      former.append(Former(lastSweep: sweep - 1, ticks: current))
      current = ticks
    }
    if let first = former.first, first.lastSweep < oldest {
      former.removeFirst(former.firstIndex { $0.lastSweep >= oldest } ?? former.count)
    }
  }

  /// CPU time from a sweep on, which must be one of those that are kept.
  func growth(since sweep: Int) -> CPUTicks {
    guard let then = former.first(where: { $0.lastSweep >= sweep }) else { return .zero }
    return current.growth(since: then.ticks)
  }
}
