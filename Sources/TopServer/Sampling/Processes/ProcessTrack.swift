import ProcFS

/// The CPU counters of one process over the window.
///
/// It stores changes only, so a sleeping process needs no memory beyond this value.
struct ProcessTrack: Sendable {
  /// The counters of a process.
  struct Counters: Sendable, Equatable {
    /// Its own CPU time.
    var own: CPUTicks
    /// The CPU time of its ended children, each at the time when the child used it.
    var ended: CPUTicks

    func growth(since earlier: Counters) -> Counters {
      Counters(own: own.growth(since: earlier.own), ended: ended.growth(since: earlier.ended))
    }
  }

  /// A previous value of the counters, and the last sweep at which it held.
  private struct Former {
    var lastSweep: Int
    var counters: Counters
  }

  let identity: ProcessIdentity
  /// The first sweep at which the counters are known.
  let since: Int
  private(set) var parentPID: Int32
  private(set) var isKernelThread: Bool
  /// The kernel's counters for ended children (cutime, cstime) at the last sweep.
  private(set) var reaped: CPUTicks
  private(set) var faults: PageFaults
  /// The page faults at the sweep before the last one.
  private(set) var earlierFaults: PageFaults
  private var current: Counters
  private var former: [Former] = []

  /// A process whose past is unknown: it has no averages before its second sweep.
  init(firstSeen stat: ProcessStat, at sweep: Int) {
    self.init(stat, since: sweep)
  }

  /// A process that started after the previous sweep, so its counters were 0 at that sweep.
  init(newborn stat: ProcessStat, at sweep: Int) {
    self.init(stat, since: sweep - 1)
    former = [Former(lastSweep: sweep - 1, counters: Counters(own: .zero, ended: .zero))]
    earlierFaults = PageFaults(minor: 0, major: 0)
  }

  private init(_ stat: ProcessStat, since: Int) {
    identity = stat.identity
    self.since = since
    parentPID = stat.parentPID
    isKernelThread = stat.isKernelThread
    reaped = stat.childrenCPU
    (faults, earlierFaults) = (stat.faults, stat.faults)
    current = Counters(own: stat.cpu, ended: .zero)
  }

  /// All CPU time of the process and its ended children up to the last sweep.
  var lifetime: CPUTicks { current.own + reaped }

  /// Whether the newest reading can follow the previous one.
  ///
  /// The kernel splits a precise total, so a part may step back by a tick and the total barely does. A larger step back
  /// or a jump means that one of the readings is wrong.
  ///
  /// - Parameter most: The maximum number of ticks that a process can have used since the previous sweep.
  func canBecome(_ stat: ProcessStat, most: UInt64) -> Bool {
    !Self.fell(stat.cpu, below: current.own)
      && (stat.cpu.total <= current.own.total || stat.cpu.total - current.own.total <= most)
  }

  /// Whether a counter went back by more than a second, which no correction of its parts explains.
  ///
  /// All counters of a process that the kernel is just releasing read as 0, which is not a fall.
  private static func fell(_ now: CPUTicks, below before: CPUTicks) -> Bool {
    now != .zero && now.total + 100 < before.total
  }

  /// Records the newest reading.
  ///
  /// - Parameters:
  ///   - sweep: The number of the sweep.
  ///   - oldest: The oldest sweep in the window; earlier values are dropped.
  /// - Returns: The growth of the kernel's counters for ended children.
  mutating func update(_ stat: ProcessStat, at sweep: Int, oldest: Int) -> CPUTicks {
    parentPID = stat.parentPID
    isKernelThread = stat.isKernelThread
    (faults, earlierFaults) = (stat.faults, faults)
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

  /// Adds CPU time of ended children that no sweep had seen while they lived.
  mutating func addEnded(_ ticks: CPUTicks, at sweep: Int) {
    if ticks != .zero { change(at: sweep) { $0.ended += ticks } }
  }

  /// Takes over the past of an ended child, so that its CPU time stays at the time when it was used.
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

  /// The CPU time since a sweep, which must be in the window.
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
