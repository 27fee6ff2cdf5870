import ProcFS

/// The CPU counters of one process over the window.
///
/// Only changes are kept: a process that sleeps costs no memory beyond this value.
struct ProcessTrack: Sendable {
  /// What is counted of a process.
  struct Counters: Sendable, Equatable {
    /// Its own CPU time.
    var own: CPUTicks
    /// CPU time of its ended children, each at the time when the child used it.
    var ended: CPUTicks

    func growth(since earlier: Counters) -> Counters {
      Counters(own: own.growth(since: earlier.own), ended: ended.growth(since: earlier.ended))
    }
  }

  /// A former value of the counters, and the last sweep at which it held.
  private struct Former {
    var lastSweep: Int
    var counters: Counters
  }

  let identity: ProcessIdentity
  /// The first sweep at which the counters are known.
  let since: Int
  private(set) var parentPID: Int32
  private(set) var isKernelThread: Bool
  /// The kernel's own count for its ended children (cutime, cstime), as it was seen last.
  private(set) var reaped: CPUTicks
  private var current: Counters
  private var former: [Former] = []

  /// A process whose past is unknown: nothing can be said before its second sweep.
  init(firstSeen stat: ProcessStat, at sweep: Int) {
    self.init(stat, since: sweep)
  }

  /// A process that was born after the sweep before this one, at which its counters therefore were 0.
  init(newborn stat: ProcessStat, at sweep: Int) {
    self.init(stat, since: sweep - 1)
    former = [Former(lastSweep: sweep - 1, counters: Counters(own: .zero, ended: .zero))]
  }

  private init(_ stat: ProcessStat, since: Int) {
    identity = stat.identity
    self.since = since
    parentPID = stat.parentPID
    isKernelThread = stat.isKernelThread
    reaped = stat.childrenCPU
    current = Counters(own: stat.cpu, ended: .zero)
  }

  /// All CPU time that the process and its ended children had used when it was seen last.
  var lifetime: CPUTicks { current.own + reaped }

  /// Whether what the newest sweep saw can follow from what was known.
  ///
  /// The kernel splits a precise total, so a part may step back by a tick and the total hardly; one that goes back further
  /// or leaps was wrong before or is now.
  ///
  /// - Parameter most: Ticks that a process can have used since.
  func canBecome(_ stat: ProcessStat, most: UInt64) -> Bool {
    !Self.fell(stat.cpu, below: current.own)
      && (stat.cpu.total <= current.own.total || stat.cpu.total - current.own.total <= most)
  }

  /// Whether a count went back by more than a second, which no correction of its parts does.
  ///
  /// All counts of a process that is just being cleared away read as 0, and that is no fall.
  private static func fell(_ now: CPUTicks, below before: CPUTicks) -> Bool {
    now != .zero && now.total + 100 < before.total
  }

  /// Takes what the newest sweep saw.
  ///
  /// - Parameters:
  ///   - sweep: The number of that sweep.
  ///   - oldest: The oldest sweep that still matters; what was before is forgotten.
  /// - Returns: How much the kernel's count for ended children grew.
  mutating func update(_ stat: ProcessStat, at sweep: Int, oldest: Int) -> CPUTicks {
    parentPID = stat.parentPID
    isKernelThread = stat.isKernelThread
    if let first = former.first, first.lastSweep < oldest {
      former.removeFirst(former.firstIndex { $0.lastSweep >= oldest } ?? former.count)
    }
    let own = CPUTicks.highest(stat.cpu, current.own)
    if own != current.own { change(at: sweep) { $0.own = own } }
    guard !Self.fell(stat.childrenCPU, below: reaped) else {
      reaped = stat.childrenCPU
      return .zero
    }
    let growth = stat.childrenCPU.growth(since: reaped)
    reaped = .highest(stat.childrenCPU, reaped)
    return growth
  }

  /// Adds CPU time of ended children that nobody had seen while they lived.
  mutating func addEnded(_ ticks: CPUTicks, at sweep: Int) {
    if ticks != .zero { change(at: sweep) { $0.ended += ticks } }
  }

  /// Takes over the past of a child that ended, so that its CPU time stays where it was used.
  mutating func inherit(_ child: ProcessTrack, oldest: Int) {
    let base = child.counters(at: max(oldest, child.since))
    func used(until counters: Counters) -> CPUTicks {
      let growth = counters.growth(since: base)
      return growth.own + growth.ended
    }
    let childrensChanges = child.former.filter { $0.lastSweep >= oldest }
    var merged: [Former] = []
    merged.reserveCapacity(former.count + childrensChanges.count)
    for sweep in Set((former + childrensChanges).map(\.lastSweep)).sorted() {
      var counters = counters(at: sweep)
      if sweep >= child.since { counters.ended += used(until: child.counters(at: sweep)) }
      merged.append(Former(lastSweep: sweep, counters: counters))
    }
    former = merged
    current.ended += used(until: child.current)
  }

  /// CPU time from a sweep on, which must be one of those that are kept.
  func growth(since sweep: Int) -> Counters {
    guard !former.isEmpty else { return Counters(own: .zero, ended: .zero) }
    return current.growth(since: counters(at: sweep))
  }

  private func counters(at sweep: Int) -> Counters {
    former.first { $0.lastSweep >= sweep }?.counters ?? current
  }

  private mutating func change(at sweep: Int, _ body: (inout Counters) -> Void) {
    if former.last?.lastSweep != sweep - 1 {
      former.append(Former(lastSweep: sweep - 1, counters: current))
    }
    body(&current)
  }
}
