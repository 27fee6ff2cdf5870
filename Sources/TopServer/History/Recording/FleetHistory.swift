import Linux
import ProcFS
import Synchronization

/// The part of other hosts' history that is in memory: the hub adds samples, the recorder writes them, readers query
/// them.
///
/// A caller waits for at most one other call; packing runs outside the lock.
final class FleetHistory: Sendable {
  private let memory: Mutex<FleetMemory>
  private let isWanted: @Sendable () -> Bool

  /// The limit of blocks in one batch.
  private static let batch = 2000

  /// - Parameters:
  ///   - hasFile: Whether there is a folder for the file.
  ///   - isWanted: Whether the recorder is switched on.
  init(hasFile: Bool, isWanted: @escaping @Sendable () -> Bool) {
    memory = Mutex(FleetMemory(hasFile: hasFile))
    self.isWanted = isWanted
  }

  /// Records a sample of a host.
  ///
  /// - Parameters:
  ///   - isProvisional: Whether the host's samples must stay out of the file for now.
  ///   - isOpening: Whether this is the first sample of a connection.
  func record(
    _ point: FleetPoint, of host: String, run: String, sequence: UInt64,
    isProvisional: Bool = false, isOpening: Bool = false, at now: Instant
  ) {
    let isWanted = isWanted()
    memory.withLock {
      $0.record(
        point, of: host, run: run, sequence: sequence, isWanted: isWanted,
        isProvisional: isProvisional, isOpening: isOpening, at: now)
    }
  }

  /// Which samples of a run are in the file.
  func standing(host: String, run: String) -> FleetStanding {
    let isWanted = isWanted()
    return memory.withLock { memory in
      let isRecording = isWanted && memory.isWriting
      return FleetStanding(
        stored: memory.storedThrough(host: host, run: run),
        again: isRecording ? memory.firstMissing(host: host, run: run) : nil,
        isRecording: isRecording)
    }
  }

  /// Records whether the last batch reached the file.
  func wrote(_ hasWritten: Bool) { memory.withLock { $0.isWriting = hasWritten } }

  var lostSamples: Int { memory.withLock { $0.lostPoints } }

  // MARK: - To the file

  /// Adds the hosts in the file, in the order of their numbers there.
  func know(_ hosts: [String]) { memory.withLock { $0.know(hosts) } }

  /// The blocks to write next.
  ///
  /// - Parameter isLast: Whether to include incomplete minutes.
  func nextBatch(isLast: Bool) -> [FleetBlock] {
    let now = Instant.monotonicNow()
    let (closed, first) = memory.withLock { memory in
      let closed = memory.close(all: isLast, now: now)
      return (closed, memory.numbers(closed.count))
    }
    let packed = closed.enumerated().map { index, minute in
      minute.packed(number: first + UInt64(index), now: now)
    }
    return memory.withLock { memory in
      memory.hold(packed, now: now)
      return memory.waiting(most: isLast ? .max : Self.batch)
    }
  }

  /// Releases the blocks that are now in the file.
  func settle(_ blocks: [FleetBlock]) {
    guard !blocks.isEmpty else { return }
    memory.withLock { $0.settle(blocks) }
  }

  // MARK: - Reading

  /// The blocks of a host in memory.
  ///
  /// - Returns: `nil` when the host has sent nothing for an hour.
  func blocks(of host: String) -> [HistoryBlock]? {
    let contents = memory.withLock { $0.contents(of: host) }
    return contents.map { $0.held.compactMap(\.block) + $0.minutes.map(\.block) }
  }
}

extension FleetHistory: FleetRecorder {
  func record(_ sample: HostSample, isProvisional: Bool, isOpening: Bool) {
    record(
      FleetPoint(sample), of: sample.host, run: sample.run, sequence: sample.sequence,
      isProvisional: isProvisional, isOpening: isOpening, at: .now())
  }
}

extension FleetPoint {
  init(_ sample: HostSample) {
    let numbers = sample.numbers.recorded(of: sample.interval)
    self.init(time: sample.time / 1_000_000, interval: sample.interval) { kind in
      numbers[kind.place].map(kind.unit.shown)
    }
  }
}

extension AgentNumbers {
  /// The numbers to record, completed so that the coverage of any time range can be computed from sums.
  ///
  /// An agent that sends no sums reports only its busy share since the previous sample and the coverage of the last
  /// minute. The best estimate is that the newest busy time has the same coverage.
  ///
  /// - Parameter interval: Seconds since the previous sample.
  fileprivate func recorded(of interval: Double?) -> AgentNumbers {
    var numbers = self
    if let counted = self[.counted], let accounted = self[.accounted] {
      numbers[.coverage] = counted > 0 ? min(1, accounted / counted) : 1
    } else if let busy = self[.busy] {
      let counted = self[.coverage].map { _ in busy * (self[.cpuCount] ?? 1) }
      numbers[.counted] = counted
      numbers[.accounted] = counted.flatMap { counted in self[.coverage].map { counted * $0 } }
      numbers[.countedCPUs] = self[.cpuCount]
      numbers[.measured] = interval.map { _ in 1 }
    } else if interval != nil {
      // Time has passed for which no values are known.
      (numbers[.countedCPUs], numbers[.measured]) = (0, 0)
    }
    // The interval of a point is rounded, so correct its weights for the rounding. Skip corrections that are too small
    // to matter: an unchanged weight takes no space.
    let elapsed = Double(FleetPoint.elapsed(interval)) / 1000
    guard let interval, elapsed > 0, abs(interval / elapsed - 1) > 0.001 else { return numbers }
    for place in [AgentPlace.measured, .countedCPUs] {
      numbers[place] = numbers[place].map { $0 * interval / elapsed }
    }
    return numbers
  }
}
