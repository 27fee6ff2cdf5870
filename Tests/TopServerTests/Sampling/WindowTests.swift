import Linux
import ProcFS
import Testing

@testable import TopServer

@Suite struct WindowTests {
  /// Adds one sample a second from t = 1000, with the processes that `make` returns for each second.
  private func run(
    _ window: inout Window, seconds: Range<Int>, _ make: (Int) -> [Process]
  ) -> Snapshot? {
    var last: Snapshot?
    for second in seconds { last = window.add(.at(1000 + Double(second), make(second))) }
    return last
  }

  @Test func theFirstSampleHasNoRates() throws {
    var window = Window.test()
    let snapshot = window.add(.at(1000, [Process(pid: 5, user: 700)]))
    #expect(snapshot.sequence == 1)
    #expect(snapshot.interval == nil && snapshot.window == nil)
    let row = try #require(snapshot.row(5))
    #expect(row.average == nil && row.recent == nil && row.window == nil)
  }

  @Test func theSecondSampleHasAllRates() throws {
    var window = Window.test()
    let snapshot = try #require(
      run(&window, seconds: 0..<2) {
        [Process(pid: 5, user: 700 + 25 * UInt64($0), system: 10 * UInt64($0))]
      })
    let row = try #require(snapshot.row(5))
    #expect(row.average == CPUShare(user: 0.25, system: 0.1))
    #expect(row.recent == row.average)
    #expect(row.window == 1)
    #expect(snapshot.interval == 1 && snapshot.window == 1)
  }

  @Test func anAverageCoversTheWindowOnly() throws {
    var window = Window.test()
    // Busy for the first 30 seconds, idle after that.
    func busy(_ second: Int) -> [Process] { [Process(pid: 5, user: 100 * UInt64(min(second, 30)))] }
    let atMinute = try #require(run(&window, seconds: 0..<61, busy)?.row(5))
    #expect(atMinute.window == 60)
    #expect(atMinute.average?.user == 0.5)
    #expect(atMinute.recent == .zero)
    let later = try #require(run(&window, seconds: 61..<76, busy)?.row(5))
    #expect(later.window == 60)
    #expect(later.average?.user == 0.25)
    let end = try #require(run(&window, seconds: 76..<100, busy)?.row(5))
    #expect(end.average == .zero)
  }

  @Test func theDivisionUsesTheTimeThatReallyPassed() throws {
    var window = Window.test()
    _ = window.add(.at(1000, [Process(pid: 5)]))
    // The machine stalled: the interval was 7 s, in which the process used 3.5 s of CPU.
    let row = try #require(window.add(.at(1007, [Process(pid: 5, user: 350)])).row(5))
    #expect(row.recent?.user == 0.5)
    #expect(row.average?.user == 0.5)
  }

  @Test func ratesAreCorrectRightAfterALongStall() throws {
    var window = Window.test()
    _ = run(&window, seconds: 0..<30) { [Process(pid: 5, user: UInt64($0))] }
    let stalled = window.add(.at(1400, [Process(pid: 5, user: 29)]))
    #expect(stalled.interval == 371)
    #expect(stalled.row(5)?.average == .zero)
    let next = window.add(.at(1401, [Process(pid: 5, user: 129)]))
    #expect(next.row(5)?.recent?.user == 1)
    #expect(next.row(5)?.average?.user == 1)
    #expect(next.row(5)?.window == 1)
  }

  @Test func aNewbornHasAValueAtOnce() throws {
    var window = Window.test()
    _ = window.add(.at(1000, [Process(pid: 1)]))
    // The process started 0.4 s after the first sweep and has used 0.3 s of CPU.
    let snapshot = window.add(
      .at(1001, [Process(pid: 1), Process(pid: 9, start: 100_040, user: 30)]))
    #expect(snapshot.row(9)?.average?.user == 0.3)
    #expect(snapshot.row(9)?.window == 1)
    let next = window.add(.at(1002, [Process(pid: 1), Process(pid: 9, start: 100_040, user: 30)]))
    #expect(next.row(9)?.average?.user == 0.15)
    #expect(next.row(9)?.recent == .zero)
  }

  @Test func aProcessThatStartedInTheTickOfTheLastSweepIsNewborn() {
    var window = Window.test()
    _ = window.add(.at(1000.007, [Process(pid: 1)]))
    let snapshot = window.add(
      .at(1001, [Process(pid: 1), Process(pid: 9, start: 100_000, user: 30)]))
    #expect(snapshot.row(9)?.average != nil)
  }

  @Test func anOldProcessThatAppearsLateHasNoPast() {
    var window = Window.test()
    _ = window.add(.at(1000, [Process(pid: 1)]))
    let hidden = Process(pid: 9, start: 50, user: 90_000)
    let snapshot = window.add(.at(1001, [Process(pid: 1), hidden]))
    #expect(snapshot.row(9)?.average == nil)
    let next = window.add(.at(1002, [Process(pid: 1), Process(pid: 9, start: 50, user: 90_050)]))
    #expect(next.row(9)?.average?.user == 0.5)
  }

  @Test func startTimesIncludeSuspendedTime() {
    var window = Window.test()
    // After 500 s of suspension it is 1500 s since boot, and start times count from boot.
    _ = window.add(.at(1000, suspended: 500, [Process(pid: 1)]))
    let old = Process(pid: 9, start: 120_000, user: 10)
    let new = Process(pid: 10, start: 150_050, user: 10)
    let snapshot = window.add(.at(1001, suspended: 500, [Process(pid: 1), old, new]))
    #expect(snapshot.row(9)?.average == nil)
    #expect(snapshot.row(10)?.average?.user == 0.1)
  }

  @Test func startTimesUseTheClockOfTheProcessTree() {
    var window = Window.test()
    var sample = Sample.at(1000, [Process(pid: 1, start: 250), Process(pid: 2, start: 99_999)])
    sample.startClock = StartClock(epochMilliseconds: 1_600_000_000_123)
    let starts = window.add(sample).processes.map(\.startTime)
    #expect(starts == [1_600_000_002.623, 1_600_001_000.113])
    // Without a start clock it is our own, whatever btime says.
    sample.startClock = nil
    sample.system?.bootTime = 5
    #expect(window.add(sample).row(1)?.startTime == 1_700_000_002.5)
  }

  @Test func noProcessStartsLaterThanItWasRead() {
    var window = Window.test()
    let late = Process(pid: 2, start: 1 << 55)
    var sample = Sample.at(1000, [Process(pid: 1, start: 100_002), late])
    // The first process was born while others were read, so it keeps its start time in this sample and the next.
    sample.wallAtEnd = sample.time.wall + 30_000_000
    let starts = window.add(sample).processes.map { ($0.startTime * 1000).rounded() }
    #expect(starts == [1_700_001_000_020, 1_700_001_000_030])
    let next = window.add(.at(1001, [Process(pid: 1, start: 100_002)]))
    #expect(next.row(1)?.startTime == 1_700_001_000.02)
  }

  @Test func newbornsAreDetectedOnTheClockOfTheProcessTree() {
    var window = Window.test()
    // The machine of that tree was up for 500 s when ours was up for 1000.
    func sample(_ seconds: Double, _ processes: [Process]) -> Sample {
      var sample = Sample.at(seconds, [Process(pid: 1)] + processes)
      sample.startClock = StartClock(epochMilliseconds: 0, sinceBoot: 500_000_000_000)
      return sample
    }
    _ = window.add(sample(1000, []))
    let old = Process(pid: 8, start: 49_000, user: 10)
    let new = Process(pid: 9, start: 50_050, user: 10)
    let snapshot = window.add(sample(1001, [old, new]))
    #expect(snapshot.row(8)?.average == nil)
    #expect(snapshot.row(9)?.average?.user == 0.1)
  }

  @Test func aReusedPidIsANewProcess() throws {
    var window = Window.test()
    _ = window.add(.at(1000, [Process(pid: 5, start: 10, user: 5000)]))
    let snapshot = window.add(.at(1001, [Process(pid: 5, start: 100_050, user: 20)]))
    let row = try #require(snapshot.row(5))
    #expect(row.identity.startTicks == 100_050)
    #expect(row.average?.user == 0.2)
  }

  @Test func aVanishedProcessIsAbsent() {
    var window = Window.test()
    _ = window.add(.at(1000, [Process(pid: 1), Process(pid: 5), Process(pid: 7)]))
    let snapshot = window.add(.at(1001, [Process(pid: 1), Process(pid: 7)]))
    #expect(snapshot.processes.map(\.identity.pid) == [1, 7])
  }

  @Test func countersThatStepBackAreNeverNegative() {
    var window = Window.test()
    _ = window.add(.at(1000, [Process(pid: 5, user: 100, system: 50)]))
    let snapshot = window.add(.at(1001, [Process(pid: 5, user: 99, system: 51)]))
    #expect(snapshot.row(5)?.recent == CPUShare(user: 0, system: 0.01))
  }

  @Test func twoSamplesAtOneMomentGiveNoRate() {
    var window = Window.test()
    _ = window.add(.at(1000, [Process(pid: 5)]))
    let snapshot = window.add(.at(1000, [Process(pid: 5, user: 10)]))
    #expect(snapshot.row(5)?.average == nil)
  }

  @Test func aShortWindowCoversTwoSamples() {
    var window = Window.test(seconds: 1)
    let snapshot = run(&window, seconds: 0..<50) { [Process(pid: 5, user: UInt64($0 * $0))] }
    #expect(snapshot?.window == 1)
    #expect(snapshot?.row(5)?.average == snapshot?.row(5)?.recent)
  }

  /// Computes the plain definition by brute force: keep everything and look the old value up.
  @Test(arguments: [UInt64(1), 2, 3, 4, 5])
  func averagesMatchTheDefinition(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    var window = Window.test(seconds: 10)
    var time = 1000.0
    var counters: [Int32: UInt64] = [1: 0, 2: 0, 3: 0]
    var history: [(time: Double, user: [Int32: UInt64])] = []
    for _ in 0..<200 {
      time += random.next() % 20 == 0 ? Double(random.next() % 30) + 1 : 1
      for pid in counters.keys where random.next() % 3 == 0 {
        counters[pid, default: 0] += random.next() % 100
      }
      history.append((time, counters))
      let snapshot = window.add(.at(time, counters.map { Process(pid: $0.key, user: $0.value) }))
      guard history.count > 1 else { continue }
      let base = try #require(
        history.dropLast().min { abs(time - $0.time - 10) < abs(time - $1.time - 10) })
      for (pid, user) in counters {
        let expected = Double(user - (base.user[pid] ?? 0)) / 100 / (time - base.time)
        let average = try #require(snapshot.row(pid)?.average?.user)
        #expect(abs(average - expected) < 1e-9, "pid \(pid) at \(time)")
      }
    }
  }
}

/// A small random generator with a seed, so that a failure is reproducible.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

@Suite struct PageFaultRatesTests {
  private func rates(_ now: PageFaults, since before: PageFaults, seconds: Double = 2)
    -> PageFaultRates?
  {
    PageFaultRates(now, since: before, Rate(seconds: seconds))
  }

  @Test func growthIsDividedByTime() throws {
    let found = try #require(
      rates(PageFaults(minor: 1011, major: 8), since: PageFaults(minor: 10, major: 5)))
    #expect(found.minor == 501 && found.major == 2)
    #expect(rates(.init(minor: 5, major: 5), since: .init(minor: 1, major: 1), seconds: 0) == nil)
    let most = PageFaults(minor: 4_000_000_000, major: 0)
    #expect(rates(most, since: .init(minor: 0, major: 0), seconds: 0.1)?.minor == 4_000_000_000)
  }

  @Test(arguments: [UInt64.max, 1 << 62, 9])
  func aCounterThatLeapsOrFallsHasNoRate(value: UInt64) {
    let usual = PageFaults(minor: 10, major: 10)
    #expect(rates(PageFaults(minor: value, major: 10), since: usual) == nil)
    #expect(rates(PageFaults(minor: 10, major: value), since: usual) == nil)
    guard value > 10 else { return }
    #expect(rates(usual, since: PageFaults(minor: value, major: 10)) == nil)
  }
}
