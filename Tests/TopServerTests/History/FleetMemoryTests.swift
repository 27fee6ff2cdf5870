import Linux
import Testing

@testable import TopServer

@Suite struct FleetMemoryTests {
  private let host = TestHost()
  private var memory = FleetMemory(hasFile: true)

  private mutating func settle() { memory.settle(memory.waiting(most: .max)) }

  @Test mutating func aMinuteIsPackedWhenItIsOver() {
    host.give(1...59, to: &memory)
    memory.pack(second: 59)
    #expect(memory.waiting(most: .max).isEmpty)
    host.give(60...60, to: &memory)
    memory.pack(second: 60)
    let waiting = memory.waiting(most: .max)
    #expect(waiting.map(\.points) == [59])
    #expect(waiting.map(\.start) == [TestHost.start])
    #expect(memory.times(of: "web-1").count == 60)
  }

  @Test mutating func samplesAreStoredOnlyOnceTheyAreInTheFile() {
    host.give(1...125, to: &memory)
    #expect(memory.storedThrough(host: "web-1", run: "r1") == 0)
    memory.pack(second: 125)
    #expect(memory.storedThrough(host: "web-1", run: "r1") == 0)
    settle()
    // The third minute, from 120, is still open.
    #expect(memory.storedThrough(host: "web-1", run: "r1") == 119)
    #expect(memory.storedThrough(host: "web-1", run: "another") == 0)
    #expect(memory.storedThrough(host: "db-1", run: "r1") == 0)
    memory.pack(all: true, second: 125)
    settle()
    #expect(memory.storedThrough(host: "web-1", run: "r1") == 125)
  }

  @Test mutating func aRestartedHubTrustsTheFirstNumber() {
    host.give(500...510, to: &memory)
    #expect(memory.storedThrough(host: "web-1", run: "r1") == 499)
  }

  @Test mutating func aSampleIsRecordedOnce() {
    host.give(1...30, to: &memory)
    host.give(10...40, to: &memory)
    #expect(memory.times(of: "web-1") == (1...40).map { TestHost.point($0).time })
  }

  @Test mutating func lateSamplesGoIntoTheirOwnMinute() {
    host.give(1...20, to: &memory)
    // Disconnected until 200; then everything in order.
    host.give(21...205, to: &memory)
    memory.pack(second: 206)
    let starts = memory.waiting(most: .max).map { ($0.start - TestHost.start) / 60_000 }
    #expect(starts == [0, 1, 2])
    #expect(memory.times(of: "web-1").count == 205)
  }

  @Test mutating func theMinuteOfASilentHostIsPackedEventually() {
    host.give(1...20, to: &memory)
    memory.pack(second: 45)
    #expect(memory.waiting(most: .max).isEmpty)
    memory.pack(second: 51)
    #expect(memory.waiting(most: .max).count == 1)
  }

  @Test mutating func aNewRunStartsFromItsFirstNumber() {
    host.give(1...30, to: &memory)
    var other = host
    other.run = "r2"
    for number in 1...5 as ClosedRange<UInt64> {
      memory.record(
        TestHost.point(30 + number), of: "web-1", run: "r2", sequence: number, isWanted: true,
        at: .at(second: 30 + number))
    }
    #expect(memory.storedThrough(host: "web-1", run: "r2") == 0)
    memory.pack(second: 70)
    settle()
    #expect(memory.storedThrough(host: "web-1", run: "r2") == 5)
  }

  @Test mutating func unrecordedSamplesAreNotStored() {
    host.give(1...30, to: &memory, isWanted: false)
    #expect(memory.storedThrough(host: "web-1", run: "r1") == 0)
    #expect(memory.times(of: "web-1").isEmpty)
    #expect(memory.firstMissing(host: "web-1", run: "r1") == 1)
    var without = FleetMemory(hasFile: false)
    host.give(1...30, to: &without)
    #expect(without.storedThrough(host: "web-1", run: "r1") == 0 && !without.isWriting)
    #expect(without.times(of: "web-1").count == 30)
  }

  @Test mutating func samplesSentWhileRecordingWasOffAreRecordedWhenResent() {
    host.give(1...20, to: &memory)
    host.give(21...40, to: &memory, isWanted: false)
    // Switched on again: new samples are recorded, and the missing ones are known.
    host.give(41...45, to: &memory)
    memory.pack(all: true, second: 45)
    settle()
    #expect(memory.storedThrough(host: "web-1", run: "r1") == 20)
    #expect(memory.firstMissing(host: "web-1", run: "r1") == 21)
    host.give(21...30, to: &memory)
    #expect(memory.firstMissing(host: "web-1", run: "r1") == 31)
    host.give(31...46, to: &memory)
    #expect(memory.firstMissing(host: "web-1", run: "r1") == nil)
    #expect(
      memory.times(of: "web-1").sorted() == (21...40).map { TestHost.point($0).time } + [
        TestHost.point(46).time
      ])
    memory.pack(all: true, second: 46)
    settle()
    #expect(memory.storedThrough(host: "web-1", run: "r1") == 46)
  }

  @Test mutating func samplesThatTheAgentDroppedAreNotMissing() {
    host.give(1...20, to: &memory)
    host.give(21...40, to: &memory, isWanted: false)
    host.give(41...41, to: &memory)
    // The agent resends from 35 on over the same connection; it dropped the rest.
    host.give(35...35, to: &memory)
    #expect(memory.firstMissing(host: "web-1", run: "r1") == 36)
    // On another connection, the first sample shows what the agent still has.
    memory.record(
      TestHost.point(42), of: "web-1", run: "r1", sequence: 42, isWanted: true, isOpening: true,
      at: .at(second: 42))
    #expect(memory.firstMissing(host: "web-1", run: "r1") == nil)
  }

  @Test mutating func samplesHeldForTooLongAreMissing() {
    host.give(1...60, to: &memory)
    memory.pack(second: 60)
    memory.isWriting = false
    for minute in 60..<64 as Range<UInt64> { memory.pack(second: minute * 60 + 30) }
    #expect(memory.lostPoints > 0)
    #expect(memory.firstMissing(host: "web-1", run: "r1") == 1)
    #expect(memory.storedThrough(host: "web-1", run: "r1") == 0)
  }

  @Test mutating func aProvisionalHostIsNotWrittenAtTheEnd() {
    memory.record(
      TestHost.point(1), of: "new", run: "", sequence: 0, isWanted: true, isProvisional: true,
      at: .at(second: 1))
    #expect(memory.close(all: true, now: Instant.at(second: 2).monotonic).isEmpty)
  }

  @Test mutating func aProvisionalHostNeverReachesTheFile() {
    for number in 1...70 as ClosedRange<UInt64> {
      memory.record(
        TestHost.point(number), of: "made-up", run: "r1", sequence: number, isWanted: true,
        isProvisional: true, at: .at(second: number))
    }
    memory.pack(second: 200)
    #expect(memory.waiting(most: .max).isEmpty)
    #expect(memory.storedThrough(host: "made-up", run: "r1") == 0)
    #expect(
      memory.times(of: "made-up").count == 70,
      "the samples can be read before the host is confirmed")
    memory.pack(second: 600)
    #expect(memory.contents(of: "made-up") != nil)
    memory.pack(second: 700)
    #expect(memory.contents(of: "made-up") == nil && memory.knownNames == 0)
    // A host that lasts is packed with its earlier samples.
    host.give(1...29, to: &memory)
    memory.record(
      TestHost.point(61), of: "web-1", run: "r1", sequence: 30, isWanted: true,
      at: .at(second: 61))
    memory.pack(second: 62)
    #expect(memory.waiting(most: .max).map(\.points) == [29])
  }

  @Test mutating func plainTextHasNoSequenceNumbers() {
    for second in 1...5 as ClosedRange<UInt64> {
      memory.record(
        TestHost.point(second), of: "client1", run: "", sequence: 0, isWanted: true,
        at: .at(second: second))
    }
    #expect(memory.times(of: "client1").count == 5)
  }

  @Test mutating func anImplausibleTimeIsNotRecorded() {
    let late = Instant.at(second: 100_000)
    memory.record(
      TestHost.point(1), of: "web-1", run: "r1", sequence: 1, isWanted: true, at: late)
    memory.record(
      TestHost.point(104_000), of: "web-1", run: "r1", sequence: 2, isWanted: true, at: late)
    #expect(memory.times(of: "web-1").isEmpty)
    #expect(memory.lostPoints == 2)
    #expect(memory.storedThrough(host: "web-1", run: "r1") == 2)
  }

  @Test mutating func anHourIsHeldWhileTheFileCannotBeWritten() {
    for minute in 0..<70 as Range<UInt64> {
      host.give(max(1, minute * 60)...minute * 60 + 59, to: &memory)
      memory.pack(second: minute * 60 + 59)
    }
    let waiting = memory.waiting(most: .max)
    #expect((58...61).contains(waiting.count))
    #expect(memory.lostPoints > 0)
    // The oldest blocks were dropped.
    #expect(waiting.first?.start ?? 0 > TestHost.start + 7 * 60_000)
  }

  /// An agent with a long interval keeps hours, and sends up to 120 samples between two batches.
  @Test(arguments: [5, 10, 30, 60])
  mutating func hoursOfAnOutageAreRecordedCompletely(interval: UInt64) {
    let now = Instant.at(second: 600 * interval)
    var numbers: [UInt64] = Array(1...600)
    while !numbers.isEmpty {
      for number in numbers.prefix(120) {
        memory.record(
          TestHost.point(number * interval), of: "web-1", run: "r1", sequence: number,
          isWanted: true, at: now)
      }
      numbers.removeFirst(min(120, numbers.count))
      let closed = memory.close(all: false, now: now.monotonic)
      let first = memory.numbers(closed.count)
      let packed = closed.enumerated().map {
        $1.packed(number: first + UInt64($0), now: now.monotonic)
      }
      memory.hold(packed, now: now.monotonic)
    }
    #expect(memory.lostPoints == 0)
    #expect(memory.times(of: "web-1").count == 600)
  }

  @Test mutating func scatteredSamplesOfOneHostAreBounded() {
    for number in 1...1000 as ClosedRange<UInt64> {
      let point = FleetPoint(time: TestHost.start - Int64(number) * 60_000, interval: 1) { _ in 1 }
      memory.record(
        point, of: "web-1", run: "r1", sequence: number, isWanted: true, at: .at(second: 0))
    }
    #expect(memory.times(of: "web-1").count < 200)
  }

  @Test mutating func aSilentHostIsForgotten() {
    host.give(1...20, to: &memory)
    memory.pack(all: true, second: 20)
    settle()
    memory.pack(second: 3500)
    #expect(memory.contents(of: "web-1") != nil)
    memory.pack(second: 3700)
    #expect(memory.contents(of: "web-1") == nil)
    #expect(memory.knownNames == 0)
  }

  @Test mutating func hostsFromBeforeTheFileWasReadAreSorted() {
    for name in ["new", "c", "a"] { TestHost(name: name).give(1...1, to: &memory) }
    memory.know(["a", "b", "c"])
    for name in ["newer", "b"] { TestHost(name: name).give(1...1, to: &memory) }
    #expect(memory.close(all: true, now: 0).map(\.host) == ["a", "b", "c", "new", "newer"])
  }

  @Test mutating func hostsAreInTheOrderOfTheFile() {
    let known = (0..<1000).map { "host-\($0)" }
    memory.know(known)
    // 7 and 1000 have no common divisor, so each number comes once; hosts that are not in the file come in between.
    for place in 0..<1000 {
      TestHost(name: "host-\(place * 7 % 1000)").give(1...1, to: &memory)
      if place % 100 == 0 { TestHost(name: "new-\(place)").give(1...1, to: &memory) }
    }
    let new = (0..<10).map { "new-\($0 * 100)" }
    #expect(memory.close(all: true, now: 0).map(\.host) == known + new)
  }

  @Test mutating func everyHostGetsItsTurn() {
    memory.know((0..<50).map { "host-\($0)" })
    for number in [7, 3, 60, 41, 20] {
      TestHost(name: "host-\(number)").give(1...61, to: &memory)
    }
    memory.pack(second: 61)
    #expect(
      Set(memory.waiting(most: .max).map(\.host))
        == ["host-3", "host-7", "host-20", "host-41", "host-60"])
  }
}
