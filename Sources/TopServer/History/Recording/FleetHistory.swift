import Linux
import ProcFS
import Synchronization

/// The history of other hosts, as far as it is in memory: the hub gives, the recorder takes to the file, readers look.
///
/// No call waits for longer than another one takes; packing is done outside the lock.
final class FleetHistory: Sendable {
  private let memory: Mutex<FleetMemory>
  private let isWanted: @Sendable () -> Bool

  /// Blocks that one batch has at most.
  private static let batch = 2000

  /// - Parameters:
  ///   - hasFile: Whether there is a place for the file.
  ///   - isWanted: Whether the recorder is switched on.
  init(hasFile: Bool, isWanted: @escaping @Sendable () -> Bool) {
    memory = Mutex(FleetMemory(hasFile: hasFile))
    self.isWanted = isWanted
  }

  /// Takes a sample of a host.
  ///
  /// - Parameters:
  ///   - isProvisional: Whether nothing of the host goes to the file yet.
  ///   - isOpening: Whether it is the first of a connection.
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

  /// How far the samples of a run are safe in the file.
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

  /// Says whether the last batch came into the file.
  func wrote(_ hasWritten: Bool) { memory.withLock { $0.isWriting = hasWritten } }

  /// Points that wait for the file, and those that were given up.
  var counts: (held: Int, lost: Int) { memory.withLock { ($0.heldPoints, $0.lostPoints) } }

  // MARK: - To the file

  /// Says which hosts the file knows, in the order of their numbers there.
  func know(_ hosts: [String]) { memory.withLock { $0.know(hosts) } }

  /// What is to be written next.
  ///
  /// - Parameter isLast: Whether all that there is goes along.
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

  /// Lets go of what is in the file now.
  func settle(_ blocks: [FleetBlock]) {
    guard !blocks.isEmpty else { return }
    memory.withLock { $0.settle(blocks) }
  }

  // MARK: - Reading

  /// What is in memory of a host.
  ///
  /// - Returns: `nil` when the host was not heard of for an hour.
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
    self.init(time: sample.time / 1_000_000, interval: sample.interval) { kind in
      sample.numbers[kind.place].map(kind.unit.shown)
    }
  }
}
