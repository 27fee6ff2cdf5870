import Testing

@testable import TopServer

@Suite struct SequenceSetTests {
  @Test func eachNumberIsInsertedOnce() {
    var set = SequenceSet()
    let first = ([1, 2, 3, 10, 11, 5, 4] as [UInt64]).map { set.insert($0) }
    #expect(first == Array(repeating: true, count: 7))
    let again = ([1, 2, 3, 4, 5, 10, 11] as [UInt64]).map { set.insert($0) }
    #expect(again == Array(repeating: false, count: 7))
    let between = ([9, 6, 8, 7] as [UInt64]).map { set.insert($0) }
    #expect(between == Array(repeating: true, count: 4))
    let all = (UInt64(1)...12).map { set.insert($0) }
    #expect(all == Array(repeating: false, count: 11) + [true])
  }

  @Test func theSequenceSetMatchesASet() {
    var random = SeededGenerator(seed: 11)
    var set = SequenceSet()
    var known: Set<UInt64> = []
    // Shuffled blocks, so that there are never more than a few ranges.
    for block: UInt64 in 0..<100 {
      for number in (1...6).map({ block * 6 + $0 }).shuffled(using: &random) {
        let isNew = set.insert(number)
        let isReallyNew = known.insert(number).inserted
        #expect(isNew == isReallyNew)
        let again = UInt64.random(in: 1...(block * 6 + 6), using: &random)
        let isNewAgain = known.contains(again) && set.insert(again)
        #expect(!isNewAgain)
      }
    }
  }

  @Test func theOldestGapsAreForgotten() {
    var set = SequenceSet()
    for number in stride(from: UInt64(1), through: 1_000_001, by: 2) { _ = set.insert(number) }
    // The oldest gaps count as received.
    let (oldest, newest) = (set.insert(2), set.insert(1_000_000))
    #expect(!oldest && newest)
  }
}

@Suite struct HostClockTests {
  private let second: Int64 = 1_000_000_000

  @Test func messagesInABurstKeepTheirSpacing() {
    var clock = HostClock()
    let first = clock.moment(of: 100 * second, age: 0, arrival: 5000 * second)
    #expect(first == 5000 * second)
    // The network stalls.
    var moments: [Int64] = []
    for number: Int64 in 101...120 {
      let moment = clock.moment(of: number * second, age: 0, arrival: 5020 * second)
      moments.append(moment / 100_000_000)
    }
    #expect(moments == (1...20).map { 50_000 + 10 * $0 })
  }

  @Test(arguments: [3, 3600])
  func aClockSetBackIsFollowedAfterTheDoubt(step: Int64) {
    var clock = HostClock()
    var moments: [Int64] = []
    for number: Int64 in 0..<20 {
      let time = number < 5 ? number : number - step
      moments.append(clock.moment(of: time * second, age: 0, arrival: (1000 + number) * second))
    }
    #expect(moments[14] < 1014 * second - second)
    #expect(moments[15...] == (1015..<1020).map { $0 * second }[...])
  }

  @Test(arguments: [3, 3600])
  func aClockSetAheadIsFollowedAtOnce(step: Int64) {
    var clock = HostClock()
    for number: Int64 in 0..<5 {
      _ = clock.moment(of: number * second, age: 0, arrival: (1000 + number) * second)
    }
    let moment = clock.moment(of: (5 + step) * second, age: 0, arrival: 1005 * second)
    #expect(moment == 1005 * second)
  }

  /// Thousands of agents send their kept samples at once, so that each message is delayed for a minute.
  @Test func delayedMessagesSayNothingAboutTheClock() {
    var clock = HostClock()
    _ = clock.moment(of: 0, age: 0, arrival: 1000 * second)
    var moments: [Int64] = []
    for number: Int64 in 1...600 {
      let arrival = 1600 * second + number * second / 10
      let way = 3 * second
      moments.append(
        clock.moment(
          of: number * second, age: arrival - way - (1000 + number) * second, arrival: arrival))
    }
    // The estimate grows by a millisecond with each message.
    let errors = moments.enumerated().map { abs($1 - (1001 + Int64($0)) * second) }
    #expect(errors.max() ?? 0 < second)
  }

  @Test func theAgeOfAMessageIsSubtracted() {
    var clock = HostClock()
    let moment = clock.moment(of: 7 * second, age: 60 * second, arrival: 100 * second)
    #expect(moment == 40 * second)
  }
}

@Suite struct TokenBucketTests {
  private let second: Int64 = 1_000_000_000

  @Test func aBurstIsFollowedByASteadyRate() {
    var bucket = TokenBucket(perSecond: 20, burst: 700, at: 0)
    var taken: [Int] = []
    for now in [0, second, 3600 * second] {
      var count = 0
      for _ in 0..<800 where bucket.spend(at: now) { count += 1 }
      taken.append(count)
    }
    #expect(taken == [700, 20, 700])
  }

  @Test func aClockThatGoesBackAddsNoTokens() {
    var bucket = TokenBucket(perSecond: 1, burst: 1, at: 10 * second)
    let taken = ([10, 5, 10, 11] as [Int64]).map { bucket.spend(at: $0 * second) }
    #expect(taken == [true, false, false, true])
  }
}

@Suite struct HostNameTests {
  @Test(arguments: ["a", "web-1.example.org", "10.0.0.7", "fe80::1%eth0", "北京", "größe", "x_y"])
  func validNamesAreAccepted(name: String) throws {
    try HostName.check(name)
  }

  @Test(arguments: [
    "", " ", "a b", "a\tb", "a\u{0}", "a\u{1B}[2J", "a\u{7F}", "\u{202E}cba", "a\u{2028}b",
    "a\u{A0}b", String(repeating: "ä", count: 127),
  ])
  func invalidNamesAreRejected(name: String) {
    #expect(throws: FleetRefusal.self) { try HostName.check(name) }
  }
}
