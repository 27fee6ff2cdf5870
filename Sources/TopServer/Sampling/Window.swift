import Linux
import ProcFS

/// The rolling window: turns each sample into the averages since an earlier one.
///
/// Pure: the same samples give the same snapshots, whenever and wherever they are replayed.
struct Window: Sendable {
  private let ticksPerSecond: Double
  private let pageSize: UInt64
  private var times: SweepTimes
  /// In ascending order of pid, like the sample.
  private var tracks: [ProcessTrack] = []
  private var previousSinceBoot: Int64 = 0

  init(length: Duration, ticksPerSecond: Int, pageSize: Int) {
    self.ticksPerSecond = Double(ticksPerSecond)
    self.pageSize = UInt64(pageSize)
    times = SweepTimes(window: length)
  }

  /// Takes the next sample.
  ///
  /// Samples must come in the order of their times.
  mutating func add(_ sample: Sample) -> Snapshot {
    times.add(sample.time.monotonic)
    let newest = times.newest
    var updated: [ProcessTrack] = []
    updated.reserveCapacity(sample.sweep.processes.count)
    var rows: [ProcessRow] = []
    rows.reserveCapacity(sample.sweep.processes.count)

    var old = 0
    for entry in sample.sweep.processes {
      let identity = entry.stat.identity
      // Tracks of smaller pids, and of a former owner of this pid, have vanished.
      while old < tracks.count, tracks[old].identity < identity { old += 1 }
      var track: ProcessTrack
      if old < tracks.count, tracks[old].identity == identity {
        track = tracks[old]
        track.add(entry.stat.cpu, at: newest, oldest: times.oldest)
      } else if newest > 0, startedAfterPreviousSweep(identity) {
        track = ProcessTrack(newborn: identity, at: newest, entry.stat.cpu)
      } else {
        track = ProcessTrack(firstSeen: identity, at: newest, entry.stat.cpu)
      }
      rows.append(row(entry, track, bootTime: sample.system.bootTime))
      updated.append(track)
    }
    tracks = updated
    previousSinceBoot = sample.time.sinceBoot
    return Snapshot(
      sequence: UInt64(newest + 1), time: sample.time, cpuCount: sample.system.cpuCount,
      interval: seconds(from: newest - 1), window: seconds(from: times.oldest),
      processes: rows, skipped: sample.sweep.skipped)
  }

  /// A process that the sweep before could not have seen used no CPU until then.
  ///
  /// One that is older and appears only now (it was hidden or unreadable) has a past that nobody saw.
  private func startedAfterPreviousSweep(_ identity: ProcessIdentity) -> Bool {
    // Start times are rounded down to a tick.
    let started = (Double(identity.startTicks) + 1) * 1e9 / ticksPerSecond
    return started >= Double(previousSinceBoot)
  }

  /// Seconds from a sweep until the newest, or `nil` when there was no such sweep or no time in between.
  private func seconds(from sweep: Int) -> Double? {
    guard sweep >= times.oldest, sweep < times.newest else { return nil }
    return Double(times.elapsed(from: sweep, to: times.newest)) / 1e9
  }

  private func row(_ entry: ProcessEntry, _ track: ProcessTrack, bootTime: UInt64) -> ProcessRow {
    let stat = entry.stat
    let base = max(times.oldest, track.since)
    return ProcessRow(
      identity: stat.identity, name: stat.name, state: stat.state, parentPID: stat.parentPID,
      uid: entry.uid, isKernelThread: stat.isKernelThread, threads: stat.threads,
      residentBytes: stat.residentPages * pageSize,
      startTime: Double(bootTime) + Double(stat.identity.startTicks) / ticksPerSecond,
      average: share(of: track, from: base), window: seconds(from: base),
      recent: share(of: track, from: max(times.newest - 1, track.since)))
  }

  private func share(of track: ProcessTrack, from sweep: Int) -> CPUShare? {
    guard sweep < times.newest, sweep >= times.oldest else { return nil }
    return CPUShare(
      track.growth(since: sweep), over: times.elapsed(from: sweep, to: times.newest),
      ticksPerSecond: ticksPerSecond)
  }
}
