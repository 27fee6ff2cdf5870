/// What is recorded of one host of the fleet and not in the file yet: a part of ``FleetMemory``.
struct UnstoredHost: Sendable {
  /// The run of the agent that was heard last, which of its samples were taken, and the greatest number of them.
  var run = ""
  var taken = SequenceSet()
  var highest: UInt64 = 0
  /// Samples that came and are neither here nor in the file, as far as its agent may still have them.
  var missing: ClosedRange<UInt64>?
  /// Whether nothing of the host goes to the file yet, since anybody may have made up its name.
  var isProvisional = false
  var minutes: [HostMinute] = []
  var held: [FleetBlock] = []
  /// Nanoseconds on the monotonic clock.
  var heard: Int64 = 0

  var isEmpty: Bool { minutes.isEmpty && held.isEmpty }

  /// Minutes of one host that can be open at once, however full: ten of an outage, and some more.
  private static let mostFullMinutes = 32
  /// Minutes of one host that can be open at once as long as they are nearly empty: an agent that samples once a minute
  /// sends up to 120 of them after an outage before the next batch is made.
  private static let mostMinutes = 128
  /// Samples in them: as many as an agent keeps.
  private static let mostSparsePoints = 600
}

extension UnstoredHost {
  /// Notes that a sample has come.
  ///
  /// - Returns: Whether it is to be kept, and was not before.
  mutating func isNew(
    _ sequence: UInt64, of run: String, isWanted: Bool, isOpening: Bool
  ) -> Bool {
    if self.run != run {
      (self.run, taken, highest, missing) = (run, SequenceSet(), 0, nil)
    }
    // An agent sends the oldest first, so what was missing before that is not to be had any more.
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

  /// Nothing is missing up to a number.
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

  /// A block was given up before it was in the file.
  mutating func miss(_ block: FleetBlock) {
    guard block.run == run, block.firstSequence > 0, block.points > 0 else { return }
    miss(block.firstSequence...block.firstSequence + UInt64(block.points) - 1)
    // What comes twice because of this has its own time, and joins what is there.
    taken = SequenceSet()
  }

  /// - Returns: Whether there was room for it.
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

  /// - Parameter time: Minutes to which nothing was added since then are complete.
  mutating func close(all: Bool, before time: Int64, into closed: inout [HostMinute]) {
    let newest = minutes.lazy.map(\.start).max() ?? 0
    for index in minutes.indices where !minutes[index].isClosed {
      guard all || minutes[index].start < newest || minutes[index].touched < time else { continue }
      minutes[index].isClosed = true
      closed.append(minutes[index])
    }
  }
}
