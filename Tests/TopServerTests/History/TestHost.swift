import Linux

@testable import TopServer

/// A host of the fleet as its agent sends it: one sample a second, with an irregular time.
struct TestHost {
  var name = "web-1"
  var run = "r1"
  /// The time of the sample with number 0 in milliseconds since the epoch; a whole minute.
  static let start: Int64 = 1_700_000_040_000

  static func point(_ sequence: UInt64, jitter: Int64 = 3) -> FleetPoint {
    FleetPoint(
      time: start + Int64(sequence) * 1000 + Int64(sequence) % jitter, interval: 1.0004
    ) { kind in
      switch kind {
      case .busy: busy(sequence)
      case .memory: 40
      case .load: sequence % 60 == 0 ? nil : 0.5
      default: nil
      }
    }
  }

  /// Percent with all kept decimals, in an order that does not compress.
  static func busy(_ sequence: UInt64) -> Double {
    Double((sequence &* 2_654_435_761 >> 7) % 10_000) / 100
  }

  func give(_ numbers: ClosedRange<UInt64>, to memory: inout FleetMemory, isWanted: Bool = true) {
    for number in numbers {
      memory.record(
        Self.point(number), of: name, run: run, sequence: number, isWanted: isWanted,
        at: .at(second: number))
    }
  }
}

extension Instant {
  /// The time of a sample of a ``TestHost``.
  static func at(second: UInt64) -> Instant {
    let nanoseconds = Int64(second) * 1_000_000_000
    return Instant(
      monotonic: nanoseconds, sinceBoot: nanoseconds,
      wall: TestHost.start * 1_000_000 + nanoseconds)
  }
}

extension FleetMemory {
  /// Packs complete minutes, in every round.
  ///
  /// - Parameter second: As in ``TestHost``.
  mutating func pack(all: Bool = false, second: UInt64) {
    let now = Instant.at(second: second).monotonic
    for _ in 0..<Self.rounds {
      let closed = close(all: all, now: now)
      let first = numbers(closed.count)
      hold(
        closed.enumerated().map { $1.packed(number: first + UInt64($0), now: now) }, now: now)
    }
  }

  /// The times of a host's points, packed or not, in the stored order.
  func times(of host: String) -> [Int64] {
    guard let found = contents(of: host) else { return [] }
    return found.held.compactMap(\.block).flatMap { $0.points.map(\.time) }
      + found.minutes.flatMap { $0.block.points.map(\.time) }
  }
}
