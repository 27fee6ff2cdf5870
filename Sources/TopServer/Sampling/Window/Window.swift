import Linux
import ProcFS

/// The rolling window: computes a snapshot with averages from each sample.
///
/// Pure: the same samples give the same snapshots.
struct Window: Sendable {
  private let ticksPerSecond: Double
  private let pageSize: UInt64
  private let interval: Duration
  private var times: SweepTimes
  private var book = LedgerBook()
  private var machineBook = MachineBook()
  /// In ascending order of pid, like the sample.
  private var tracks: [ProcessTrack] = []
  private var previous: Sample?
  private var counting = CPUCounting()
  /// See ``CPUInterval``.
  private var past = CPUIntervalPast()
  private var lastGap: Gap?

  /// - Parameters:
  ///   - length: The time that the averages cover.
  ///   - interval: The intended time between two samples.
  init(length: Duration, interval: Duration, ticksPerSecond: Int, pageSize: Int) {
    self.ticksPerSecond = Double(ticksPerSecond)
    self.pageSize = UInt64(pageSize)
    self.interval = interval
    times = SweepTimes(window: length)
  }

  /// Adds the next sample and computes its snapshot.
  ///
  /// Samples must be in the order of their times.
  mutating func add(_ sample: Sample) -> Snapshot {
    times.add(sample.time.monotonic)
    let endedChildren = follow(sample)
    book.add(counted(sample, endedChildren), oldest: times.oldest)
    if let previous {
      lastGap = Gap(between: previous.time, and: sample.time, interval: interval) ?? lastGap
    }
    previous = sample
    previous?.sweep.processes = []
    var snapshot = snapshot(sample)
    snapshot.machine = machineBook.add(sample.machine, at: sample.time.monotonic)
    return snapshot
  }

  // MARK: - Counting

  /// Updates the tracks.
  ///
  /// - Returns: The CPU time of children that exited since the previous sweep and that no sweep had seen.
  private mutating func follow(_ sample: Sample) -> CPUTicks {
    let most = mostTicks(sample)
    return isSamePopulation(sample)
      ? followInPlace(sample, most: most) : followChanges(sample, most: most)
  }

  /// Seconds by which the kernel may be late to count a process's CPU time.
  ///
  /// A CPU without a tick (nohz_full) is counted once a second, and a sweep takes time too.
  private static let mostDelay = 3.0

  /// The maximum number of ticks that a process, or its children, can have used since the previous sweep.
  private func mostTicks(_ sample: Sample) -> UInt64 {
    guard times.newest > times.oldest else { return .max }
    let elapsed = Double(times.elapsed(from: times.newest - 1, to: times.newest)) / 1e9
    let cpus = max(cpuCount(sample), previous.map(cpuCount) ?? 1)
    return UInt64((elapsed + Self.mostDelay) * Double(cpus) * ticksPerSecond)
  }

  private func cpuCount(_ sample: Sample) -> Int { sample.system?.cpuCount ?? Machine.onlineCPUs }

  private func isSamePopulation(_ sample: Sample) -> Bool {
    let processes = sample.sweep.processes
    guard processes.count == tracks.count else { return false }
    for index in tracks.indices where tracks[index].identity != processes[index].stat.identity {
      return false
    }
    return true
  }

  /// The fast path for an unchanged set of processes: it updates the tracks in place.
  private mutating func followInPlace(_ sample: Sample, most: UInt64) -> CPUTicks {
    let sweep = times.newest
    var ended = CPUTicks.zero
    for index in tracks.indices {
      let stat = sample.sweep.processes[index].stat
      guard tracks[index].canBecome(stat, most: most) else {
        tracks[index] = ProcessTrack(firstSeen: stat, at: sweep)
        continue
      }
      let growth = tracks[index].update(stat, at: sweep, oldest: times.oldest)
      guard growth != .zero, growth.total <= most else { continue }
      tracks[index].addEnded(growth, at: sweep)
      ended += growth
    }
    return ended
  }

  private mutating func followChanges(_ sample: Sample, most: UInt64) -> CPUTicks {
    let sweep = times.newest
    var now: [ProcessTrack] = []
    now.reserveCapacity(sample.sweep.processes.count)
    var growth: [CPUTicks] = []
    growth.reserveCapacity(sample.sweep.processes.count)
    var vanished: [Int] = []
    var old = 0
    for entry in sample.sweep.processes {
      let identity = entry.stat.identity
      // Processes with smaller pids, and an earlier process with this pid, have vanished.
      while old < tracks.count, tracks[old].identity < identity {
        vanished.append(old)
        old += 1
      }
      if old < tracks.count, tracks[old].identity == identity {
        var track = tracks[old]
        old += 1
        if track.canBecome(entry.stat, most: most) {
          growth.append(track.update(entry.stat, at: sweep, oldest: times.oldest))
        } else {
          track = ProcessTrack(firstSeen: entry.stat, at: sweep)
          growth.append(.zero)
        }
        now.append(track)
      } else if startedAfterPreviousSweep(identity, sample), entry.stat.cpu.total <= most {
        now.append(ProcessTrack(newborn: entry.stat, at: sweep))
        growth.append(entry.stat.childrenCPU)
      } else {
        now.append(ProcessTrack(firstSeen: entry.stat, at: sweep))
        growth.append(.zero)
      }
    }
    vanished += old..<tracks.count
    var children = EndedChildren(before: tracks, now: now, growth: growth, most: most)
    let ended = children.settle(vanished: vanished, at: sweep, oldest: times.oldest)
    tracks = children.now
    return ended
  }

  /// Whether the process started after the previous sweep, so that it had used no CPU time by then.
  ///
  /// The past of an older process that appears only now (it was hidden or unreadable) is unknown.
  private func startedAfterPreviousSweep(_ identity: ProcessIdentity, _ sample: Sample) -> Bool {
    guard let previous else { return false }
    // Start times are rounded down to a tick.
    let started = (Double(identity.startTicks) + 1) * 1e9 / ticksPerSecond
    return started + Double(sample.startClock?.sinceBoot ?? 0) >= Double(previous.time.sinceBoot)
  }

  /// The sums of the interval since the previous sweep; empty where the counters of /proc/stat are invalid.
  private mutating func counted(_ sample: Sample, _ endedChildren: CPUTicks) -> LedgerBook.Totals {
    var totals = LedgerBook.Totals()
    guard let previous else { return totals }
    let elapsed = times.elapsed(from: times.newest - 1, to: times.newest)
    switch interval(from: previous, to: sample, elapsed: elapsed) {
    case .unknown(let reason):
      (counting.unknownBecause, counting.sampledBecause) = (reason, nil)
      totals.unknown = max(0, elapsed)
      return totals
    case .known(let time, let reason):
      (counting.unknownBecause, counting.sampledBecause) = (nil, reason)
      totals.cpu = time
    }
    totals.endedChildren = endedChildren.total
    if let forks = forks(from: previous, to: sample, elapsed: elapsed) {
      (totals.forks, totals.forksMeasured) = (forks, elapsed)
    }
    for track in tracks {
      let own = track.growth(since: max(times.newest - 1, track.since)).own.total
      if track.isKernelThread { totals.kernelThreads += own } else { totals.processes += own }
    }
    return totals
  }

  private mutating func interval(from before: Sample, to now: Sample, elapsed: Int64) -> CPUInterval
  {
    guard let then = before.system, let stat = now.system else {
      past = CPUIntervalPast()
      return .unknown("/proc/stat could not be read")
    }
    return CPUInterval(
      from: then, to: stat, elapsed: elapsed, blur: before.systemDelay + now.systemDelay,
      past: &past, ticksPerSecond: ticksPerSecond)
  }

  /// - Returns: `nil` when the kernel does not report forks, or the count is implausible.
  private func forks(from before: Sample, to now: Sample, elapsed: Int64) -> UInt64? {
    guard let then = before.system?.forks, let forks = now.system?.forks else { return nil }
    let rate = Rate(seconds: Double(elapsed) / 1e9)
    let cpus = Double(max(cpuCount(before), cpuCount(now)))
    return rate(forks, then, most: Rate.mostForksPerCPU * cpus).map { _ in forks - then }
  }

  // MARK: - Deriving

  private func snapshot(_ sample: Sample) -> Snapshot {
    let clock = sample.startClock ?? StartClock(at: sample.time)
    let latest = sample.wallAtEnd ?? sample.time.wall
    var rows: [ProcessRow] = []
    rows.reserveCapacity(tracks.count)
    for (entry, track) in zip(sample.sweep.processes, tracks) {
      rows.append(row(entry, track, clock, until: latest))
    }
    return Snapshot(
      sequence: UInt64(times.newest + 1), time: sample.time,
      cpuCount: sample.system?.cpuCount ?? Machine.onlineCPUs,
      interval: seconds(from: times.newest - 1), window: seconds(from: times.oldest),
      processes: rows, skipped: sample.sweep.skipped, recentUse: use(since: times.newest - 1),
      averageUse: use(since: times.oldest),
      cpuCounting: counting(since: times.oldest),
      cpuSinceBoot: sample.system.map { CPUSeconds($0.modes, ticksPerSecond: ticksPerSecond) },
      lastGap: lastGap,
      sweepCost: SweepCost(
        processesRead: sample.sweep.processes.count - sample.sweep.unchanged,
        slowReason: sample.sweep.slowReason),
      surroundings: sample.surroundings)
  }

  private func use(since sweep: Int) -> SystemUse? {
    book.since(sweep).flatMap { SystemUse($0, ticksPerSecond: ticksPerSecond) }
  }

  private func counting(since sweep: Int) -> CPUCounting {
    var counting = counting
    if let totals = book.since(sweep) {
      counting.measured = Double(totals.cpu.measured) / 1e9
      counting.sampled = Double(totals.cpu.sampled) / 1e9
      counting.unknown = Double(totals.unknown) / 1e9
    }
    return counting
  }

  /// Seconds from a sweep to the newest one, or `nil` when the sweep is not kept or no time passed.
  private func seconds(from sweep: Int) -> Double? {
    guard sweep >= times.oldest, sweep < times.newest else { return nil }
    return Double(times.elapsed(from: sweep, to: times.newest)) / 1e9
  }

  private func row(
    _ entry: ProcessEntry, _ track: ProcessTrack, _ clock: StartClock, until latest: Int64
  ) -> ProcessRow {
    let stat = entry.stat
    let base = max(times.oldest, track.since)
    let average = use(of: track, from: base)
    let recent = use(of: track, from: max(times.newest - 1, track.since))
    let seconds = recent == nil ? nil : self.seconds(from: times.newest - 1)
    let faults = seconds.flatMap {
      PageFaultRates(track.faults, since: track.earlierFaults, Rate(seconds: $0))
    }
    return ProcessRow(
      identity: stat.identity, name: stat.name, state: stat.state, parentPID: stat.parentPID,
      uid: entry.uid, isKernelThread: stat.isKernelThread, threads: stat.threads,
      residentBytes: stat.residentPages * pageSize,
      startTime: startTime(of: stat.identity, clock, until: latest),
      average: average?.own, window: self.seconds(from: base), recent: recent?.own,
      childrenAverage: average?.ended, childrenRecent: recent?.ended,
      faults: faults, scheduling: stat.scheduling)
  }

  /// Seconds since the epoch, at most the time of the reading.
  private func startTime(
    of identity: ProcessIdentity, _ clock: StartClock, until latest: Int64
  ) -> Double {
    min(
      Double(clock.epochMilliseconds) / 1e3 + Double(identity.startTicks) / ticksPerSecond,
      Double(latest) / 1e9)
  }

  private func use(of track: ProcessTrack, from sweep: Int) -> (own: CPUShare, ended: CPUShare)? {
    guard sweep < times.newest, sweep >= times.oldest else { return nil }
    let elapsed = times.elapsed(from: sweep, to: times.newest)
    let growth = track.growth(since: sweep)
    guard let own = CPUShare(growth.own, over: elapsed, ticksPerSecond: ticksPerSecond),
      let ended = CPUShare(growth.ended, over: elapsed, ticksPerSecond: ticksPerSecond)
    else { return nil }
    return (own, ended)
  }
}
