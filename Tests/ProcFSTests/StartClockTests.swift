import Linux
import ProcFS
import TestSupport
import Testing

@Suite struct StartClockTests {
  private static let second: Int64 = 1_000_000_000
  private static let wall: Int64 = 1_700_000_000_250_000_000

  /// A moment in seconds after our kernel's uptime was 1000 s.
  private func moment(_ seconds: Double, wallIsAhead: Int64 = 0) -> Instant {
    let passed = Int64(seconds * 1e9)
    return Instant(
      monotonic: passed, sinceBoot: 1000 * Self.second + passed,
      wall: Self.wall + passed + wallIsAhead)
  }

  private func keeper(ofKernel: Bool, offset: Int64 = 0) -> StartClockKeeper {
    StartClockKeeper(.init(isKernelsOwn: ofKernel, namespaceOffset: offset))
  }

  // MARK: - The kernel's own tree

  @Test func aRealTreeUsesOurBoottimeWhateverItsFilesContain() {
    // LXCFS shows the uptime and boot time of the container.
    let files: [(Double?, UInt64?)] = [
      (nil, nil), (1000.25, 1_699_999_000), (7, 1_699_999_993), (9e9, 0), (nil, .max),
    ]
    for (uptime, bootTime) in files {
      var keeper = keeper(ofKernel: true)
      let clock = keeper.update(at: moment(0), uptime: uptime, bootTime: bootTime)
      #expect(clock == StartClock(epochMilliseconds: 1_699_999_000_250))
    }
  }

  @Test func jitterDoesNotMoveTheClock() {
    var keeper = keeper(ofKernel: true)
    let first = keeper.update(at: moment(0), uptime: nil, bootTime: nil)
    for (second, tremor) in [Int64(900_000), -900_000, 1_400_000, -400, 0].enumerated() {
      let moment = moment(Double(second), wallIsAhead: tremor)
      #expect(keeper.update(at: moment, uptime: nil, bootTime: nil) == first)
    }
  }

  @Test(arguments: [Int64(3), -3, 40, 3_600_000, -3_600_000])
  func settingTheWallClockMovesAllStartTimes(_ milliseconds: Int64) {
    var keeper = keeper(ofKernel: true)
    let first = keeper.update(at: moment(0), uptime: nil, bootTime: nil)
    let set = moment(1, wallIsAhead: milliseconds * 1_000_000)
    let second = keeper.update(at: set, uptime: nil, bootTime: nil)
    #expect(second.epochMilliseconds - first.epochMilliseconds == milliseconds)
    #expect(second.sinceBoot == 0)
  }

  @Test func olderKernelsShiftOnlyTheClockInANamespace() {
    let offset = 500 * Self.second
    var old = keeper(ofKernel: true, offset: offset)
    #expect(
      old.update(at: moment(0), uptime: 1000, bootTime: 1_699_999_500)
        == StartClock(epochMilliseconds: 1_699_999_500_250, sinceBoot: offset))
    // Since Linux 5.11 both are shifted.
    var new = keeper(ofKernel: true, offset: offset)
    #expect(
      new.update(at: moment(0), uptime: 1000, bootTime: 1_699_999_000)
        == StartClock(epochMilliseconds: 1_699_999_000_250))
  }

  // MARK: - Trees of files

  @Test func aTreeThatAgreesWithTheWallClockUsesItsUptime() {
    var keeper = keeper(ofKernel: false)
    // That machine has been up for 70.5 s; its boot time lacks the fraction.
    let clock = keeper.update(at: moment(0), uptime: 70.5, bootTime: 1_699_999_929)
    #expect(clock.epochMilliseconds == 1_699_999_929_750)
    #expect(clock.sinceBoot == Int64(929.5e9))
    // Its file has a resolution of 10 ms.
    for (second, uptime) in [(1.0, 71.49), (2.009, 72.5), (3, 73.47)] {
      #expect(keeper.update(at: moment(second), uptime: uptime, bootTime: 1_699_999_929) == clock)
    }
  }

  @Test func aRecordedTreeUsesItsBootTime() {
    var keeper = keeper(ofKernel: false)
    for second in [0.0, 1, 5000] {
      let clock = keeper.update(at: moment(second), uptime: 1000, bootTime: 1_600_000_000)
      #expect(clock == StartClock(epochMilliseconds: 1_600_000_000_000))
    }
  }

  @Test func withoutABootTimeARecordedTreeUsesItsFirstUptime() {
    var keeper = keeper(ofKernel: false)
    for second in [0.0, 1, 5000] {
      let clock = keeper.update(at: moment(second), uptime: 100, bootTime: nil)
      #expect(clock.epochMilliseconds == 1_699_999_900_250)
    }
  }

  @Test func aTreeWithoutUsableTimesUsesOurClock() {
    for uptime in [nil, 1e300, 5e9] as [Double?] {
      for bootTime in [nil, UInt64.max] {
        var keeper = keeper(ofKernel: false)
        let clock = keeper.update(at: moment(0), uptime: uptime, bootTime: bootTime)
        #expect(clock.epochMilliseconds == 1_699_999_000_250)
      }
    }
  }

  // MARK: - Facts of a tree

  @Test func readsTheFactsOfATree() throws {
    #expect(try ProcFS().isKernelsOwn)
    let folder = try TemporaryFolder()
    let procfs = try ProcFS(root: folder.path)
    #expect(procfs.startClockFacts == StartClockFacts(isKernelsOwn: false))
    let texts: [(String, Int64)] = [
      ("monotonic           0         0\nboottime       100000         5\n", 100_000_000_000_005),
      ("boottime -3 500000000\n", -2_500_000_000), ("boottime\n", 0), ("", 0),
      ("boottime 99999999999999 0\n", 0), ("boottime x 0\n", 0),
    ]
    for (text, offset) in texts {
      try folder.write(text, to: "self/timens_offsets")
      #expect(procfs.startClockFacts.namespaceOffset == offset, "\(text)")
    }
  }

  @Test func ourStartTimeOnTheRealClockIsAccurateToATick() throws {
    let procfs = try ProcFS()
    var reader = ProcessReader(procfs)
    let (now, sweep) = (Instant.now(), try reader.read())
    var keeper = StartClockKeeper(procfs.startClockFacts)
    let clock = keeper.update(at: now, uptime: nil, bootTime: try procfs.systemStat().bootTime)
    let newest = try #require(sweep.processes.map(\.stat.identity.startTicks).max())
    let started = clock.sinceBoot + Int64(newest) * 1_000_000_000 / Int64(Machine.ticksPerSecond)
    #expect(started > 0 && started <= Instant.now().sinceBoot)
  }
}
