/// The unstored history of one host in the fleet: a part of ``FleetMemory``.
struct UnstoredHost: Sendable {
  /// The agent's last run, its received samples, and the highest sequence number.
  var run = ""
  var taken = SequenceSet()
  var highest: UInt64 = 0
  /// Samples that arrived, are neither in memory nor in the file, and may still be at the agent.
  var missing: ClosedRange<UInt64>?
  /// Whether the samples must stay out of the file, since a client may have invented the host's name.
  var isProvisional = false
  var minutes: [HostMinute] = []
  var held: [FleetBlock] = []
  /// Nanoseconds on the monotonic clock.
  var heard: Int64 = 0

  var isEmpty: Bool { minutes.isEmpty && held.isEmpty }

  /// The limit of open minutes, however full: ten of an outage, and some more.
  private static let mostFullMinutes = 32
  /// The limit of open minutes while they are nearly empty: an agent with an interval of a minute sends up to 120 of
  /// them after an outage before the next batch.
  private static let mostMinutes = 128
  /// The limit of their samples: as many as an agent keeps.
  private static let mostSparsePoints = 600
}

extension UnstoredHost {
  /// Records that a sample arrived.
  ///
  /// - Returns: Whether to keep it: recording is on and it is not a duplicate.
  mutating func isNew(
    _ sequence: UInt64, of run: String, isWanted: Bool, isOpening: Bool
  ) -> Bool {
    if self.run != run {
      (self.run, taken, highest, missing) = (run, SequenceSet(), 0, nil)
    }
    // An agent sends the oldest sample first, so earlier missing ones no longer exist.
    if isOpening { find(sequence - min(sequence, 1)) }
    let wasTaken = taken.contains(sequence)
    guard isWanted else {
      if !wasTaken { miss(sequence...sequence) }
      return false
    }
    if wasTaken || missing?.contains(sequence) == true { find(sequence) }
    highest = max(highest, sequence)
    return taken.insert(sequence)
  }

  /// Marks all samples up to a number as no longer missing.
  private mutating func find(_ sequence: UInt64) {
    guard let missing, missing.lowerBound <= sequence else { return }
    self.missing = sequence < missing.upperBound ? sequence + 1...missing.upperBound : nil
  }

  private mutating func miss(_ numbers: ClosedRange<UInt64>) {
    missing =
      missing.map {
        min($0.lowerBound, numbers.lowerBound)...max($0.upperBound, numbers.upperBound)
      } ?? numbers
  }

  /// Marks the samples of a block as missing that was dropped before it reached the file.
  mutating func miss(_ block: FleetBlock) {
    guard block.run == run, block.firstSequence > 0, block.points > 0 else { return }
    miss(block.firstSequence...block.firstSequence + UInt64(block.points) - 1)
    // Duplicates that this causes have the same times, and join the existing samples.
    taken = SequenceSet()
  }

  /// - Returns: `false` when there was no room.
  mutating func add(
    _ point: FleetPoint, of host: String, sequence: UInt64, now: Int64
  ) -> Bool {
    let start = point.time - point.time % HostMinute.length
    var place = minutes.lastIndex { $0.start == start && $0.run == run && !$0.isClosed }
    if place == nil, hasRoom {
      place = minutes.count
      minutes.append(
        HostMinute(host: host, start: start, run: run, sequence: sequence, now: now))
    }
    return place.map { minutes[$0].add(point, sequence: sequence, now: now) } ?? false
  }

  /// Whether one more minute may be open.
  private var hasRoom: Bool {
    minutes.count < Self.mostFullMinutes
      || minutes.count < Self.mostMinutes
        && minutes.reduce(0) { $0 + $1.points.count } < Self.mostSparsePoints
  }

  /// - Parameter time: A minute without a new sample since then is complete.
  mutating func close(all: Bool, before time: Int64, into closed: inout [HostMinute]) {
    let newest = minutes.lazy.map(\.start).max() ?? 0
    for index in minutes.indices where !minutes[index].isClosed {
      guard all || minutes[index].start < newest || minutes[index].touched < time else { continue }
      minutes[index].isClosed = true
      closed.append(minutes[index])
    }
  }
}
