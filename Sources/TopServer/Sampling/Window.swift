import Linux
import ProcFS

/// The rolling window: turns each sample into the averages since an earlier one.
///
/// Pure: the same samples give the same snapshots, whenever and wherever they are replayed.
struct Window: Sendable {
  private let ticksPerSecond: Double
  private let pageSize: UInt64
  private let interval: Duration
  private var times: SweepTimes
  private var book = LedgerBook()
  private var hostBook = HostBook()
  /// In ascending order of pid, like the sample.
  private var tracks: [ProcessTrack] = []
  private var previous: (time: Instant, system: SystemStat?)?
  private var lastGap: Gap?

  /// - Parameters:
  ///   - length: What the averages cover.
  ///   - interval: How far apart the samples are meant to be.
  init(length: Duration, interval: Duration, ticksPerSecond: Int, pageSize: Int) {
    self.ticksPerSecond = Double(ticksPerSecond)
    self.pageSize = UInt64(pageSize)
    self.interval = interval
    times = SweepTimes(window: length)
  }

  /// Takes the next sample.
  ///
  /// Samples must come in the order of their times.
  mutating func add(_ sample: Sample) -> Snapshot {
    times.add(sample.time.monotonic)
    let endedChildren = follow(sample)
    book.add(counted(sample, endedChildren), oldest: times.oldest)
    if let previous {
      lastGap = Gap(between: previous.time, and: sample.time, interval: interval) ?? lastGap
    }
    previous = (sample.time, sample.system)
    var snapshot = snapshot(sample)
    snapshot.host = hostBook.add(sample)
    return snapshot
  }

  // MARK: - Counting

  /// Brings the tracks up to date.
  ///
  /// - Returns: CPU time of children that ended unseen since the sweep before.
  private mutating func follow(_ sample: Sample) -> CPUTicks {
    isSamePopulation(sample) ? followInPlace(sample) : followChanges(sample)
  }

  private func isSamePopulation(_ sample: Sample) -> Bool {
    let processes = sample.sweep.processes
    guard processes.count == tracks.count else { return false }
    for index in tracks.indices where tracks[index].identity != processes[index].stat.identity {
      return false
    }
    return true
  }

  /// The short way, when nobody was born and nobody ended: nothing is moved.
  private mutating func followInPlace(_ sample: Sample) -> CPUTicks {
    let sweep = times.newest
    var ended = CPUTicks.zero
    for index in tracks.indices {
      let growth = tracks[index].update(
        sample.sweep.processes[index].stat, at: sweep, oldest: times.oldest)
      guard growth != .zero else { continue }
      tracks[index].addEnded(growth, at: sweep)
      ended += growth
    }
    return ended
  }

  private mutating func followChanges(_ sample: Sample) -> CPUTicks {
    let sweep = times.newest
    var now: [ProcessTrack] = []
    now.reserveCapacity(sample.sweep.processes.count)
    var growth: [CPUTicks] = []
    growth.reserveCapacity(sample.sweep.processes.count)
    var vanished: [Int] = []
    var old = 0
    for entry in sample.sweep.processes {
      let identity = entry.stat.identity
      // Smaller pids, and a former owner of this pid, have vanished.
      while old < tracks.count, tracks[old].identity < identity {
        vanished.append(old)
        old += 1
      }
      if old < tracks.count, tracks[old].identity == identity {
        var track = tracks[old]
        growth.append(track.update(entry.stat, at: sweep, oldest: times.oldest))
        now.append(track)
        old += 1
      } else if startedAfterPreviousSweep(identity, sample) {
        now.append(ProcessTrack(newborn: entry.stat, at: sweep))
        growth.append(entry.stat.childrenCPU)
      } else {
        now.append(ProcessTrack(firstSeen: entry.stat, at: sweep))
        growth.append(.zero)
      }
    }
    vanished += old..<tracks.count
    var children = EndedChildren(before: tracks, now: now, growth: growth)
    let ended = children.settle(vanished: vanished, at: sweep, oldest: times.oldest)
    tracks = children.now
    return ended
  }

  /// A process that the sweep before could not have seen used no CPU until then.
  ///
  /// One that is older and appears only now (it was hidden or unreadable) has a past that nobody saw.
  private func startedAfterPreviousSweep(_ identity: ProcessIdentity, _ sample: Sample) -> Bool {
    guard let previous else { return false }
    // Start times are rounded down to a tick.
    let started = (Double(identity.startTicks) + 1) * 1e9 / ticksPerSecond
    return started + Double(sample.startClock?.sinceBoot ?? 0) >= Double(previous.time.sinceBoot)
  }

  /// What the interval since the sweep before adds to the ledger, or `nil` when /proc/stat was not there for it.
  private func counted(_ sample: Sample, _ endedChildren: CPUTicks) -> LedgerBook.Totals? {
    guard let before = previous?.system, let now = sample.system else { return nil }
    var totals = LedgerBook.Totals()
    totals.nanoseconds = times.elapsed(from: times.newest - 1, to: times.newest)
    totals.modes = now.modes.growth(since: before.modes)
    totals.endedChildren = endedChildren.total
    if let later = now.forks, let earlier = before.forks {
      totals.forks = later > earlier ? later - earlier : 0
      totals.forksNanoseconds = totals.nanoseconds
    }
    for track in tracks {
      let own = track.growth(since: max(times.newest - 1, track.since)).own.total
      if track.isKernelThread { totals.kernelThreads += own } else { totals.processes += own }
    }
    return totals
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
      cpuCount: sample.system?.cpuCount ?? Host.onlineCPUs,
      interval: seconds(from: times.newest - 1), window: seconds(from: times.oldest),
      processes: rows, skipped: sample.sweep.skipped, recentUse: use(since: times.newest - 1),
      averageUse: use(since: times.oldest),
      cpuSinceBoot: sample.system.map { CPUSeconds($0.modes, ticksPerSecond: ticksPerSecond) },
      lastGap: lastGap,
      sweepCost: SweepCost(
        processesRead: sample.sweep.processes.count - sample.sweep.unchanged,
        slowReason: sample.sweep.slowReason),
      surroundings: sample.surroundings)
  }

  private func use(since sweep: Int) -> SystemUse? {
    book.since(sweep).map { SystemUse($0, ticksPerSecond: ticksPerSecond) }
  }

  /// Seconds from a sweep until the newest, or `nil` when there was no such sweep or no time in between.
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
    return ProcessRow(
      identity: stat.identity, name: stat.name, state: stat.state, parentPID: stat.parentPID,
      uid: entry.uid, isKernelThread: stat.isKernelThread, threads: stat.threads,
      residentBytes: stat.residentPages * pageSize,
      startTime: startTime(of: stat.identity, clock, until: latest),
      average: average?.own, window: seconds(from: base), recent: recent?.own,
      childrenAverage: average?.ended, childrenRecent: recent?.ended)
  }

  /// Seconds since the epoch; what was read cannot have started later than that.
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
