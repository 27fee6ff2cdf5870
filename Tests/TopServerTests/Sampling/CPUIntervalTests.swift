import Linux
import ProcFS
import Testing

@testable import TopServer

@Suite struct CPUIntervalTests {
  private static let tick: Int64 = 10_000_000

  private func stat(_ counters: [UInt64], cpus: Int = 2) throws -> SystemStat {
    let words = counters.map(String.init).joined(separator: " ")
    let lines = (0..<cpus).map { "cpu\($0) 0 0 0 0\n" }.joined()
    return try SystemStat(
      parsing: Array("cpu \(words)\n\(lines)btime 1\n".utf8).span, file: "stat")
  }

  /// The base of user, nice, system, idle, iowait, irq, softirq, steal, guest and guest_nice.
  private static let base: [UInt64] = [9000, 400, 3000, 900_000, 5000, 100, 300, 700, 200, 100]

  /// The interval of two CPUs whose counters grew by these ticks.
  private func interval(
    _ growth: [Int64], seconds: Double = 1, blur: Double = 0, cpus: (Int, Int) = (2, 2)
  ) throws -> CPUInterval {
    var past = CPUIntervalPast()
    return try interval(growth, seconds: seconds, blur: blur, cpus: cpus, past: &past)
  }

  private func interval(
    _ growth: [Int64], seconds: Double = 1, blur: Double = 0, cpus: (Int, Int) = (2, 2),
    past: inout CPUIntervalPast
  ) throws -> CPUInterval {
    let after = zip(Self.base, growth + Array(repeating: 0, count: 10 - growth.count))
      .map { UInt64(Int64($0) + $1) }
    return CPUInterval(
      from: try stat(Self.base, cpus: cpus.0), to: try stat(after, cpus: cpus.1),
      elapsed: Int64(seconds * 1e9), blur: Int64(blur * 1e9), past: &past,
      ticksPerSecond: 100)
  }

  private func known(_ interval: CPUInterval) throws -> CPUTime {
    guard case .known(let time, nil) = interval else {
      throw Unexpected(text: "\(interval)")
    }
    return time
  }

  private struct Unexpected: Error, CustomStringConvertible {
    var text: String
    var description: String { text }
  }

  private func reason(_ interval: CPUInterval) -> String? {
    switch interval {
    case .known(_, let reason): reason
    case .unknown(let reason): "unknown: \(reason)"
    }
  }

  // MARK: - Time that was not idle

  @Test func busyTimeIsNotIdleTimeAndSplitsLikeTheSamples() throws {
    // Sampling found 27 ticks of work, and idle time leaves 30.
    let time = try known(interval([18, 0, 6, 169, 1, 0, 3]))
    #expect(time.busy == 30 * Self.tick && time.total == 200 * Self.tick)
    #expect(time.user == 20 * Self.tick)
    #expect(abs(time.system * 3 - 20 * Self.tick) <= 3)
    #expect(abs(time.softirq * 3 - 10 * Self.tick) <= 3)
    #expect(time.idle == 169 * Self.tick && time.iowait == Self.tick)
    #expect(time.measured == 1_000_000_000 && time.sampled == 0)
  }

  @Test func stolenTimeIsMeasuredAndNotSampled() throws {
    let time = try known(interval([10, 0, 0, 165, 0, 0, 0, 20]))
    #expect(time.busy == 35 * Self.tick)
    #expect(time.steal == 20 * Self.tick && time.user == 15 * Self.tick)
  }

  @Test func unsampledWorkSplitsLikeTheTimeSinceBoot() throws {
    let time = try known(interval([0, 0, 0, 198]))
    #expect(time.busy == 2 * Self.tick)
    // In the counters since boot, guest time is subtracted from user and nice.
    let all = 8800.0 + 300 + 3000 + 100 + 300 + 300
    #expect(abs(Double(time.user) - 8800 / all * 2e7) < 2)
    #expect(abs(Double(time.guest) - 300 / all * 2e7) < 2)
  }

  @Test func roundingErrorsCarryOverToTheNextInterval() throws {
    // Idle time is rounded to ticks: first up, then down.
    var past = CPUIntervalPast()
    let first = try known(interval([0, 0, 0, 201], past: &past))
    #expect(first.busy == 0 && first.idle == 200 * Self.tick && past.carried == -Self.tick)
    let second = try known(interval([0, 0, 0, 197], past: &past))
    #expect(second.busy == 2 * Self.tick && past.carried == 0)
    #expect((first + second).total == 400 * Self.tick)
    #expect(first + second - first == second)
    let full = try known(interval([200, 0, 0, -1], past: &past))
    #expect(full.busy == 200 * Self.tick && full.idle == 0 && past.carried == Self.tick)
    // A clock that runs ahead carries at most this much, and an unknown interval resets it.
    for _ in 0..<10 { _ = try interval([0, 0, 0, 205], past: &past) }
    #expect(past.carried == -4 * Self.tick)
    _ = try interval([9000], past: &past)
    #expect(past.carried == 0)
  }

  @Test("Busy time that no sample ever hits makes idle time inexact")
  func unsampledBusyTimeMakesIdleTimeInexact() throws {
    var past = CPUIntervalPast()
    var reasons: [String?] = []
    // Two CPUs that are idle for nine tenths of the time, and nothing runs.
    for _ in 0..<20 {
      guard case .known(let time, let reason) = try interval([0, 0, 0, 180], past: &past) else {
        throw Unexpected(text: "unknown")
      }
      if reason != nil { #expect(time.busy == 0) }
      reasons.append(reason)
    }
    #expect(reasons.first == .some(nil), "a single second may be chance")
    let last = try #require(reasons.last ?? nil)
    #expect(last.contains("idle time is not exact"))
    // Samples that hit the work make it exact again.
    for _ in 0..<60 { _ = try interval([20, 0, 0, 180], past: &past) }
    _ = try known(interval([20, 0, 0, 180], past: &past))
  }

  @Test("Short bursts that most samples miss leave idle time exact")
  func burstsBetweenSamplesKeepIdleTimeExact() throws {
    var past = CPUIntervalPast()
    for _ in 0..<600 { _ = try known(interval([6, 0, 0, 184], past: &past)) }
  }

  @Test func iowaitThatMovesToIdleIsValid() throws {
    // A task that waited on an idle CPU was woken on another one, so the kernel moves that time to idle.
    let time = try known(interval([10, 0, 0, 360, -170]))
    #expect(time.busy == 10 * Self.tick && time.idle == 190 * Self.tick && time.iowait == 0)
    let other = try known(interval([10, 0, 0, -60, 250]))
    #expect(other.busy == 10 * Self.tick && other.idle == 0 && other.iowait == 190 * Self.tick)
  }

  @Test func samplingErrorsAreValid() throws {
    // Two half-busy CPUs: 100 of 200 samples are expected, and 42 more or fewer are possible.
    #expect(try known(interval([140, 0, 0, 100])).busy == 100 * Self.tick)
    #expect(try known(interval([50, 0, 0, 100])).busy == 100 * Self.tick)
  }

  @Test func aSlowReadingMayDeviateMore() throws {
    let late: [Int64] = [30, 0, 0, 210]
    #expect(reason(try interval(late))?.hasPrefix("unknown: ") == true)
    #expect(reason(try interval(late, blur: 0.2)) == nil)
  }

  // MARK: - Impossible counters

  @Test(arguments: 0..<8)
  func aJumpOfAnyCounterIsUnknown(index: Int) throws {
    for leap in [60, 300, 4_000_000_000] as [Int64] {
      var growth: [Int64] = [1, 0, 1, 198, 0, 0, 0, 0]
      growth[index] += leap
      let reason = try #require(reason(try interval(growth)))
      #expect(reason.hasPrefix("unknown: the CPU counters of /proc/stat grew by "), "\(leap)")
      #expect(reason.hasSuffix(" while 2 CPUs had 2.0 s"))
    }
  }

  @Test(arguments: [0, 1, 2, 5, 6, 7])
  func aCounterThatGoesBackIsUnknown(index: Int) throws {
    var growth: [Int64] = [1, 0, 1, 198, 0, 0, 0, 0]
    growth[index] -= 50
    #expect(
      reason(try interval(growth))?.hasPrefix("unknown: the counter of ") == true)
    // The kernel sometimes corrects itself by a tick or two.
    growth[index] += 48
    #expect(reason(try interval(growth)) == nil)
  }

  @Test func idleThatGoesBackIsUnknown() throws {
    #expect(
      reason(try interval([1, 0, 1, -40]))
        == "unknown: the counters of idle and iowait in /proc/stat went back by 0.4 s")
    #expect(reason(try interval([1], seconds: 0)) == "unknown: no time passed between two samples")
  }

  // MARK: - Inexact counters

  @Test func countersThatMissTimeCountAsSampled() throws {
    guard case .known(let time, let reason?) = try interval([40, 0, 10, 50]) else {
      Issue.record("not sampled")
      return
    }
    #expect(time.busy == 50 * Self.tick && time.total == 100 * Self.tick)
    #expect(time.measured == 1_000_000_000 && time.sampled == time.measured)
    #expect(
      reason == "the CPU counters of /proc/stat grew by only 1.0 s while 2 CPUs had 2.0 s, "
        + "so idle time is not exact")
  }

  @Test func countersThatDoNotMoveMeanIdle() throws {
    for seconds in [0.02, 0.1, 1, 60] {
      guard case .known(let time, _?) = try interval([], seconds: seconds) else {
        Issue.record("not sampled in \(seconds) s")
        return
      }
      #expect(time.busy == 0 && time.total == 0)
    }
  }

  @Test func aChangedNumberOfCPUsUsesTheSamples() throws {
    let changed = "the number of CPUs changed between 1 and 2"
    for cpus in [(1, 2), (2, 1)] {
      guard case .known(let time, changed) = try interval([30, 0, 0, 110], cpus: cpus) else {
        Issue.record("not sampled")
        return
      }
      #expect(time.busy == 30 * Self.tick)
      // The count of an offline CPU disappears, or comes back.
      for idle in [-3000, 20, 3000] as [Int64] {
        #expect(reason(try interval([30, 0, 0, idle], cpus: cpus))?.hasPrefix("unknown") == true)
      }
    }
  }
}

@Suite struct ProcessLeapTests {
  /// The share of process 5 in each second, for these counters.
  private func shares(_ counters: [Process]) -> [CPUShare?] {
    var window = Window.test()
    return counters.enumerated().map { second, process in
      window.add(.at(1000 + Double(second), [Process(pid: 1), process])).row(5)?.recent
    }
  }

  @Test func aProcessCannotUseMoreThanAllCPUs() {
    let user: [UInt64] = [100, 150, 4_000_000_150, 4_000_000_200]
    let shares = shares(user.map { Process(pid: 5, user: $0) })
    #expect(shares.map { $0?.user } == [nil, 0.5, nil, 0.5])
  }

  @Test func aProcessWhoseCounterFellFarHasNoPast() {
    let user: [UInt64] = [5000, 5050, 70, 120]
    #expect(
      shares(user.map { Process(pid: 5, user: $0) }).map { $0?.user } == [nil, 0.5, nil, 0.5])
    // All counters of a process that the kernel is releasing read as 0 for a moment.
    let cleared: [UInt64] = [5000, 5050, 0, 5060]
    #expect(
      shares(cleared.map { Process(pid: 5, user: $0) }).map { $0?.user } == [nil, 0.5, 0, 0.1])
  }

  @Test func aNewbornWithImpossibleUseHasNoPast() {
    var window = Window.test()
    _ = window.add(.at(1000, [Process(pid: 1)]))
    // Its start time is in the future, as in a container with another clock.
    let odd = Process(pid: 9, start: 900_000, user: 80_000)
    let snapshot = window.add(.at(1001, [Process(pid: 1), odd]))
    #expect(snapshot.row(9)?.recent == nil)
    #expect(snapshot.row(9)?.startTime == Double(snapshot.time.wall) / 1e9)
  }

  @Test func impossibleUseOfChildrenIsNotCounted() throws {
    var window = Window.test()
    _ = window.add(.at(1000, busy: 0, [Process(pid: 5)]))
    let leap = window.add(.at(1001, busy: 10, [Process(pid: 5, childrenUser: 900_000)]))
    #expect(leap.row(5)?.childrenRecent == .zero)
    #expect(leap.recentUse?.ledger.endedChildren == 0)
    let next = window.add(.at(1002, busy: 20, [Process(pid: 5, childrenUser: 900_010)]))
    #expect(next.row(5)?.childrenRecent?.user == 0.1)
    let fell = window.add(.at(1003, busy: 30, [Process(pid: 5, childrenUser: 40)]))
    #expect(fell.row(5)?.childrenRecent == .zero)
    let after = window.add(.at(1004, busy: 40, [Process(pid: 5, childrenUser: 50)]))
    #expect(after.row(5)?.childrenRecent?.user == 0.1)
  }
}
