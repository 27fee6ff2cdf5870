import Linux
import Testing

@testable import TopServer

/// A mean over any time range is that of the sums, for other hosts too.
@Suite struct FleetSumsTests {
  /// The values of one second of a host.
  private struct Second {
    var busy: Double?
    var coverage: Double?
    /// The explained share of the busy time; `nil` if the agent sends no sums.
    var accounted: Double?
    var cpus = 4.0
    var interval = 1.0
  }

  private func sample(_ number: Int, _ second: Second) -> HostSample {
    var sample = HostSample(
      host: "web-1", run: "r1", sequence: UInt64(number + 1),
      time: (TestHost.start + Int64(number) * 1000) * 1_000_000)
    sample.interval = second.interval
    sample.numbers[.cpuCount] = second.cpus
    sample.numbers[.coverage] = second.coverage
    if let busy = second.busy {
      for place: AgentPlace in [.nice, .system, .iowait, .irq, .softirq, .steal, .guest] {
        sample.numbers[place] = 0
      }
      (sample.numbers[.user], sample.numbers[.idle]) = (busy, 1 - busy)
      if let accounted = second.accounted {
        sample.numbers[.counted] = busy * second.cpus
        sample.numbers[.accounted] = busy * second.cpus * accounted
        sample.numbers[.countedCPUs] = second.cpus
      }
    }
    sample.numbers.settle()
    return sample
  }

  private func block(_ seconds: [Second]) throws -> HistoryBlock {
    var minute = HostMinute(host: "web-1", start: TestHost.start, run: "r1", sequence: 1, now: 0)
    for (number, second) in seconds.enumerated() {
      let sample = sample(number, second)
      _ = minute.add(FleetPoint(sample), sequence: sample.sequence, now: 0)
    }
    return try #require(minute.packed(number: 1, now: 0).block)
  }

  /// The mean of a series over all seconds: of the samples, of points of ten seconds, and of a point of a minute.
  private func means(_ name: String, _ seconds: [Second]) throws -> [Double?] {
    var blocks = [try block(seconds)]
    for resolution in [HistoryBlock.Resolution.tenSeconds, .minute] {
      blocks.append(try #require(Thinning.merge([blocks[blocks.count - 1]], to: resolution)))
    }
    return try blocks.map { block in
      var query = try HistoryQuery([("series", name), ("step", "3600")], now: 0)
      // The first sample measured the second before its time.
      (query.from, query.to) = (TestHost.start - 1000, TestHost.start + 60_000)
      let source = FleetBlocks(of: "web-1", query, nil, recent: [block])
      let answer = try HistoryColumns(query, source, known: Array(FleetSeries.all.values))
      return answer.columns.first?.values.first ?? nil
    }
  }

  private func expect(
    _ name: String, _ seconds: [Second], is wanted: Double,
    location: SourceLocation = #_sourceLocation
  ) throws {
    for mean in try means(name, seconds) {
      let mean = try #require(mean, sourceLocation: location)
      #expect(abs(mean - wanted) < 0.02, sourceLocation: location)
    }
  }

  @Test func theCoverageIsThatOfTheSums() throws {
    let seconds = (0..<60).map { number in
      number % 2 == 0
        ? Second(busy: 0.99, coverage: 0.5, accounted: 0.1)
        : Second(busy: 0.01, coverage: 0.5, accounted: 1)
    }
    try expect("ledger.coverage_percent", seconds, is: (0.99 * 0.1 + 0.01) * 100)
  }

  /// An excess in one second compensates for what is missing in the next.
  @Test func whatIsAccountedForMayExceedTheBusyTime() throws {
    let seconds = (0..<60).map { number in
      Second(busy: 0.25, coverage: 1, accounted: number % 2 == 0 ? 1.3 : 0.6)
    }
    try expect("ledger.coverage_percent", seconds, is: 95)
  }

  @Test func anAgentWithoutSumsIsWeighedByItsBusyTime() throws {
    let seconds = (0..<60).map { number in
      number % 2 == 0 ? Second(busy: 0.99, coverage: 0.1) : Second(busy: 0.01, coverage: 1)
    }
    try expect("ledger.coverage_percent", seconds, is: (0.99 * 0.1 + 0.01) * 100)
  }

  @Test func anUnknownSecondHasNoWeight() throws {
    let seconds = (0..<60).map { number in
      number < 30
        ? Second(busy: number % 3 == 0 ? nil : 0.8, coverage: 0.9, accounted: 0.5)
        : Second(busy: 0.2, coverage: 0.9, accounted: 1)
    }
    let (counted, accounted) = (20 * 0.8 + 30 * 0.2, 20 * 0.4 + 30 * 0.2)
    try expect("ledger.coverage_percent", seconds, is: accounted / counted * 100)
    try expect("cpu.busy_percent", seconds, is: counted / 50 * 100)
  }

  /// The number of CPUs doubles for half of the time.
  @Test func aPercentageOfAllCPUsIsWeighedByThem() throws {
    let seconds = (0..<60).map { number in
      Second(
        busy: number < 30 ? 0.9 : 0.3, coverage: 1, accounted: 1, cpus: number < 30 ? 4 : 8)
    }
    try expect("cpu.busy_percent", seconds, is: (0.9 * 4 + 0.3 * 8) / 12 * 100)
  }

  /// Intervals of about a tenth of a second, which are stored in hundredths.
  @Test func aRoundedIntervalChangesNoSum() throws {
    let seconds = (0..<60).map { number in
      Second(
        busy: number % 2 == 0 ? 0.9 : 0.1, coverage: 1, accounted: number % 2 == 0 ? 0.2 : 1,
        interval: number % 2 == 0 ? 0.1049 : 0.0951)
    }
    let counted = 0.9 * 0.1049 + 0.1 * 0.0951
    try expect(
      "ledger.coverage_percent", seconds, is: (0.18 * 0.1049 + 0.1 * 0.0951) / counted * 100)
    try expect("cpu.busy_percent", seconds, is: counted / 0.2 * 100)
  }

  @Test func aTextHasNoCoverageAndItsMeanIsByTime() throws {
    var minute = HostMinute(host: "text", start: TestHost.start, run: "", sequence: 0, now: 0)
    for number in 0..<4 {
      var sample = HostSample(
        host: "text", time: (TestHost.start + Int64(number) * 1000) * 1_000_000)
      sample.busy = number % 2 == 0 ? 0.2 : 0.4
      _ = minute.add(FleetPoint(sample), sequence: 0, now: 0)
    }
    #expect(minute.block.columns[.known("ledger.counted_percent")] == nil)
    #expect(minute.block.columns[.known("ledger.coverage_percent")] == nil)
    #expect(minute.block.columns[.known("cpu.busy_percent")]?.average == [2000, 4000, 2000, 4000])
  }

  /// A file of an earlier version has no sums.
  @Test func aCoverageWithoutSumsIsReadAsItIs() throws {
    var old = try block((0..<60).map { _ in Second(busy: 0.5, coverage: 0.75) })
    for name in ["ledger.counted_percent", "ledger.accounted_percent", "ledger.measured_percent"] {
      old.columns[.known(name)] = nil
    }
    var query = try HistoryQuery([("series", "ledger.coverage_percent"), ("step", "60")], now: 0)
    (query.from, query.to) = (TestHost.start, TestHost.start + 59_999)
    let answer = try HistoryColumns(
      query, FleetBlocks(of: "web-1", query, nil, recent: [old]),
      known: Array(FleetSeries.all.values))
    #expect(answer.columns.first?.values.first == 75)
  }
}
