import Linux
import ProcFS
import Testing

@testable import TopServer

/// Compares the recorded history of a time range with the sums of the live samples.
@Suite struct AgreementTests {
  /// Some minutes of a machine, live and as recorded.
  private struct Past {
    var live: [(time: Int64, use: SystemUse?)] = []
    var recording = Recording()

    /// The samples, and what thinning makes of them.
    func resolutions() throws -> (
      fine: [HistoryBlock], tens: HistoryBlock, minutes: HistoryBlock
    ) {
      let tens = try #require(Thinning.merge(recording.all, to: .tenSeconds))
      return (recording.all, tens, try #require(Thinning.merge([tens], to: .minute)))
    }

    /// Two CPUs that are alternately idle, busy or stolen, with late samples and counters that sometimes jump.
    ///
    /// Processes are counted exactly, but CPUs in ticks, so each second has a rounding error.
    init(seed: UInt64, samples: Int) {
      var random = SplitMix(state: seed)
      var window = Window.test()
      var time = 1000.0
      var (user, system, idle, steal, softirq) = (0.0, 0.0, 50_000.0, 0.0, 0.0)
      var (process, children) = (0.0, 0.0)
      var leap: UInt64 = 0
      for index in 0..<samples {
        let seconds =
          random.next() % 30 == 0
          ? Double(random.next() % 9 + 2) : 0.97 + Double(random.next() % 60) / 1000
        time += seconds
        let load = [0.002, 0.02, 0.4, 0.97][index / 40 % 4]
        let busy = 200 * seconds * load * (0.8 + Double(random.next() % 400) / 1000)
        let stolen = random.next() % 5 == 0 ? busy / 4 : 0
        // Samples of the modes miss some of it.
        user += (busy - stolen) * 0.7
        system += (busy - stolen) * 0.2
        softirq += (busy - stolen) * 0.04
        steal += stolen
        idle += 200 * seconds - busy
        process += (busy - stolen) * (random.next() % 2 == 0 ? 0.93 : 0.5)
        children += (busy - stolen) * (random.next() % 2 == 0 ? 0.2 : 0)
        if random.next() % 50 == 0 { leap += 4_000_000 }
        func ticks(_ value: Double) -> UInt64 { UInt64(value) }
        var sample = Sample.at(
          time,
          [
            Process(pid: 1),
            Process(pid: 5, user: ticks(process), childrenUser: ticks(children)),
          ])
        sample.system?.modes.user = ticks(user)
        sample.system?.modes.system = ticks(system)
        sample.system?.modes.softirq = ticks(softirq)
        sample.system?.modes.steal = ticks(steal) + leap
        sample.system?.modes.idle = ticks(idle)
        let snapshot = window.add(sample)
        live.append((snapshot.milliseconds, snapshot.recentUse))
        recording.add(snapshot)
      }
    }

    /// The sums of the live samples in a range, whose end is inclusive; `nil` when nothing was known.
    func sums(from: Int64, to: Int64) -> (ledger: Ledger, modes: CPUTime)? {
      var counted = Ledger.Counted()
      var modes = CPUTime()
      for (time, use) in live where time > from && time <= to {
        guard let use else { continue }
        modes = modes + use.modes
        counted.measured += use.counted.measured
        counted.busy += use.counted.busy
        counted.steal += use.counted.steal
        counted.processes += use.counted.processes
        counted.kernelThreads += use.counted.kernelThreads
        counted.endedChildren += use.counted.endedChildren
        counted.interrupts += use.counted.interrupts
      }
      return Ledger(counted).map { ($0, modes) }
    }

    func hasLateSample(near moment: Int64) -> Bool {
      zip(live, live.dropFirst()).contains { before, after in
        abs(after.time - moment) < 30_000 && after.time - before.time > 1500
      }
    }

    var first: Int64 { live.first?.time ?? 0 }
    var last: Int64 { live.last?.time ?? 0 }
  }

  private static let names = [
    "ledger.coverage_percent", "ledger.busy_percent", "ledger.unaccounted_percent",
    "ledger.excess_percent", "ledger.processes_percent", "ledger.interrupts_percent",
    "ledger.ended_children_percent", "ledger.kernel_threads_percent", "ledger.steal_percent",
    "cpu.busy_percent", "cpu.idle_percent", "cpu.user_percent", "cpu.steal_percent",
  ]

  private func values(_ ledger: Ledger, _ modes: CPUTime) -> [Double] {
    [
      ledger.coverage, ledger.busy, ledger.unaccounted, ledger.excess, ledger.processes,
      ledger.interrupts, ledger.endedChildren, ledger.kernelThreads, ledger.steal,
      modes.share(modes.busy), modes.share(modes.idle), modes.share(modes.user),
      modes.share(modes.steal),
    ].map { $0 * 100 }
  }

  private func columns(
    _ blocks: [HistoryBlock], from: Int64, to: Int64, step: Int64, _ names: [String] = names
  ) throws -> HistoryColumns {
    var query = try HistoryQuery([("series", names.joined(separator: ","))], now: to)
    (query.from, query.to, query.step) = (from, to, step)
    let known = Set(blocks.flatMap(\.columns.keys))
    return try HistoryColumns(query, BlockList(blocks: blocks), known: Array(known))
  }

  private func expectEqual(
    _ past: [Double?], _ live: [Double], within tolerance: Double, _ what: String
  ) {
    for (index, (past, live)) in zip(past, live).enumerated() {
      let difference = past.map { abs($0 - live) } ?? .infinity
      #expect(
        difference <= tolerance, "\(Self.names[index]) of \(what): \(past ?? .nan), live \(live)")
    }
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func anyRangeOfTheHistoryIsTheSumOfItsSamples(seed: UInt64) throws {
    let past = Past(seed: seed, samples: 400)
    var random = SplitMix(state: seed)
    let (fine, tens, minutes) = try past.resolutions()
    var compared = 0
    for _ in 0..<60 {
      // From the moment of one sample to that of another, so that the live sums are known.
      let places = [0, 0].map { _ in Int(random.next() % UInt64(past.live.count)) }.sorted()
      let (from, to) = (past.live[places[0]].time, past.live[places[1]].time)
      guard to - from >= 1000, let live = past.sums(from: from, to: to) else { continue }
      compared += 1
      let step = Int64(random.next() % 100_000) * 1000 + to - from
      // One step or two.
      let answer = try columns(fine, from: from, to: to, step: step)
      let expected = values(live.ledger, live.modes)
      if answer.times.count == 1 {
        let values = answer.columns.map { $0.values.first ?? nil }
        expectEqual(values, expected, within: 0.1, "samples from \(from) to \(to)")
      }
      let explanation = try Explanation(
        from: from, to: to, fine, lookUp: { past.recording.known[$0] })
      #expect(abs((explanation.coverage ?? -1) - live.ledger.coverage) < 0.001)
      let busy = live.ledger.busy * Double(live.modes.measured) / 1e9
      #expect(abs((explanation.busySeconds ?? -1) - busy) < 0.01)
    }
    #expect(compared > 40)
    for _ in 0..<20 {
      // Whole minutes: merged points begin there and have the samples from there to just before the next minute.
      let begin = past.first / 60_000 + 1 + Int64(random.next() % 4)
      let length = Int64(random.next() % 3 + 1)
      let (from, to) = (begin * 60_000, (begin + length) * 60_000)
      // A late sample measured some time before its merged point.
      guard !past.hasLateSample(near: from), !past.hasLateSample(near: to),
        let live = past.sums(from: from - 1, to: to - 1)
      else { continue }
      let expected = values(live.ledger, live.modes)
      for (name, blocks) in [("tens", [tens]), ("minutes", [minutes])] {
        let answer = try columns(blocks, from: from, to: to, step: 1_000_000_000)
        let values = answer.columns.map { $0.values.first ?? nil }
        expectEqual(values, expected, within: 0.05, "\(name) from \(from) for \(length) min")
      }
    }
  }

  /// The mean of all steps of an answer, each weighted by the time for which it lies in the range, as a client computes it.
  private func sum(_ answer: HistoryColumns, from: Int64, to: Int64) -> [Double] {
    answer.columns.map { column in
      var (total, weight) = (0.0, 0.0)
      for (time, value) in zip(answer.times, column.values) {
        guard let value else { continue }
        let part = Double(min(time + answer.step, to) - max(time, from))
        total += value * part
        weight += part
      }
      return total / weight
    }
  }

  @Test(arguments: [UInt64(11), 12, 13])
  func stepsAddUpToTheRangeAndAgreeWithItsExplanation(seed: UInt64) throws {
    let past = Past(seed: seed, samples: 400)
    var random = SplitMix(state: seed)
    let (fine, tens, minutes) = try past.resolutions()
    let names = ["ledger.busy_percent", "ledger.processes_percent"]
    var compared = 0
    // Near an unknown interval, a client cannot know how much of a step was measured.
    let unknown = past.live.filter { $0.use == nil }.dropFirst().map(\.time)
    for _ in 0..<700 {
      let from = past.first + Int64(random.next() % UInt64(past.last - past.first - 3000))
      let to = from + 2000 + Int64(random.next() % UInt64(past.last - from - 2000))
      if unknown.contains(where: { $0 > from - 60_000 && $0 < to + 60_000 }) { continue }
      for blocks in [fine, [tens], [minutes], try fine.map { try $0.throughBytes() }] {
        let explanation = try Explanation(
          from: from, to: to, blocks, lookUp: { past.recording.known[$0] })
        guard explanation.measuredSeconds > 0 else { continue }
        let whole = try columns(blocks, from: from, to: to, step: 1_000_000_000, names)
        let busy = (explanation.busySeconds ?? 0) / explanation.measuredSeconds * 100
        #expect(abs((whole.columns[0].values[0] ?? -1) - busy) < 0.1, "\(from) to \(to)")
        // Merged points do not begin with their samples, so the measured time of a part of them is unknown.
        guard blocks.count > 1 else { continue }
        let step = Int64(random.next() % 60 + 2) * 1000
        let parts = sum(
          try columns(blocks, from: from, to: to, step: step, names), from: from, to: to)
        for (part, column) in zip(parts, whole.columns) {
          #expect(abs(part - (column.values[0] ?? -1)) < 0.1, "\(from) to \(to) by \(step)")
        }
        compared += 1
      }
    }
    #expect(compared >= 60)
  }

  @Test(arguments: [UInt64(4), 5])
  func theExplanationOfAnyRangeIsTheSumOfItsSamples(seed: UInt64) throws {
    let past = Past(seed: seed, samples: 300)
    var random = SplitMix(state: seed)
    for _ in 0..<60 {
      let places = [0, 0].map { _ in Int(random.next() % UInt64(past.live.count)) }.sorted()
      let (from, to) = (past.live[places[0]].time, past.live[places[1]].time)
      guard to - from >= 1000, let live = past.sums(from: from, to: to) else { continue }
      let explanation = try Explanation(
        from: from, to: to, past.recording.all, lookUp: { past.recording.known[$0] })
      #expect(abs((explanation.coverage ?? -1) - live.ledger.coverage) < 0.001)
    }
  }

  @Test func eachRecordedSampleEqualsTheLiveOne() throws {
    let past = Past(seed: 9, samples: 100)
    let answer = try columns(past.recording.all, from: past.first, to: past.last, step: 1000)
    let known = Dictionary(uniqueKeysWithValues: past.live.map { ($0.time, $0.use) })
    var compared = 0
    for (index, time) in answer.times.enumerated() {
      guard let use = known[time] ?? nil else { continue }
      let values = answer.columns.map { $0.values[index] }
      expectEqual(values, self.values(use.ledger, use.modes), within: 0.021, "sample \(index)")
      compared += 1
    }
    #expect(compared > 80)
  }

  // MARK: - Constructed blocks

  /// Seconds of one CPU in percent: busy, and explained.
  private func block(_ seconds: [(busy: Double, explained: Double)], id: Int64 = 1) -> HistoryBlock
  {
    var block = HistoryBlock(id: id, resolution: .sample)
    func fill(_ series: Series, _ values: [Double]) {
      block.columns[series] = SeriesColumn(average: values.map(series.quantized))
    }
    block.points = seconds.indices.map {
      HistoryPoint(time: 121_000 + Int64($0) * 1000, elapsed: 1_000_000)
    }
    fill(LedgerSums.Part.busy.series, seconds.map(\.busy))
    fill(LedgerSums.Part.processes.series, seconds.map { min($0.explained, $0.busy) })
    fill(LedgerSums.Part.unaccounted.series, seconds.map { max(0, $0.busy - $0.explained) })
    fill(LedgerSums.Part.excess.series, seconds.map { max(0, $0.explained - $0.busy) })
    fill(
      LedgerSums.Part.coverage.series,
      seconds.map { $0.busy > 0 ? min($0.explained, $0.busy) / $0.busy * 100 : 100 })
    return block
  }

  @Test func aFileOfAnEarlierVersionAnswersFromItsSums() throws {
    // Each second is off by a tick, as on an idle machine, and fully explained.
    let old = block((0..<60).map { $0 % 2 == 0 ? (2, 3) : (4, 3) })
    let names = ["ledger.coverage_percent", "ledger.excess_percent", "ledger.coverage_percent:min"]
    let answer = try columns([old], from: 120_000, to: 179_999, step: 60_000, names)
    #expect(answer.columns.map(\.values) == [[100], [0], [75]])
    let explanation = try Explanation(from: 120_000, to: 180_000, [old], lookUp: { _ in nil })
    #expect(explanation.coverage == 1 && explanation.busySeconds?.rounded(places: 4) == 1.8)
    // A source with only the coverage, such as another host, gets its mean.
    var bare = old
    bare.columns = bare.columns.filter { $0.key == LedgerSums.Part.coverage.series }
    let mean = try columns([bare], from: 120_000, to: 179_999, step: 60_000, [names[0]])
    #expect(mean.columns[0].values == [87.5])
  }

  @Test func aLongIntervalWeighsAsMuchAsItLasted() throws {
    let load = Series.decimal("load.load_1")
    var block = HistoryBlock(id: 1, resolution: .sample)
    block.points = [
      HistoryPoint(time: 121_000, elapsed: 0), HistoryPoint(time: 122_000, elapsed: 1_000_000),
      HistoryPoint(time: 130_000, elapsed: 8_000_000),
    ]
    block.columns[load] = SeriesColumn(average: [100, 300, 800])
    let answer = try columns([block], from: 120_000, to: 179_999, step: 60_000, ["load.load_1"])
    // The first point has no interval and weighs as much as the next: (1 + 3 + 8 * 8) / 10.
    #expect(answer.columns[0].values == [6.8])
    let thinned = try #require(Thinning.merge([block], to: .minute))
    #expect(thinned.columns[load]?.average == [680])
  }

  @Test func moreCPUsWeighMore() throws {
    let busy = Series.decimal("cpu.busy_percent")
    var block = HistoryBlock(id: 1, resolution: .sample)
    block.points = (1...2).map { HistoryPoint(time: 120_000 + $0 * 1000, elapsed: 1_000_000) }
    // First the one CPU was busy, then none of three.
    block.columns[busy] = SeriesColumn(average: [10_000, 0])
    func mean(_ blocks: [HistoryBlock]) throws -> [Double?] {
      try columns(blocks, from: 120_000, to: 179_999, step: 60_000, ["cpu.busy_percent"])
        .columns[0].values
    }
    #expect(try mean([block]) == [50])
    block.columns[PointWeights.cpuCount] = SeriesColumn(average: [1, 3])
    #expect(try mean([block]) == [25])
    // The number of counted CPUs is more accurate.
    block.columns[PointWeights.countedCPUs] = SeriesColumn(average: [10_000, 10_000])
    #expect(try mean([block]) == [50])
    #expect(try mean([try #require(Thinning.merge([block], to: .minute))]) == [50])
  }

  @Test func anUnknownIntervalIsExcludedFromMeans() throws {
    var window = Window.test()
    var recording = Recording()
    for (second, busy) in [UInt64(0), 100, 4_000_000_100, 4_000_000_150].enumerated() {
      let process = Process(pid: 5, user: busy > 1000 ? 100 + busy - 4_000_000_100 : busy)
      recording.add(window.add(.at(Double(second), busy: busy, [process])))
    }
    let blocks = recording.all
    let from = blocks[0].first
    let names = ["ledger.busy_percent", "ledger.measured_percent", "cpu.busy_percent"]
    let answer = try columns(blocks, from: from, to: from + 5000, step: 1000, names)
    #expect(
      answer.columns.map(\.values) == [
        [nil, 100, nil, 50], [nil, 100, 0, 100], [nil, 100, nil, 100],
      ])
    let thinned = try #require(Thinning.merge(blocks, to: .minute))
    let mean = try columns([thinned], from: from, to: from + 5000, step: 60_000, names)
    #expect(mean.columns.map { $0.values.first } == [75, 66.67, 100])
  }
}
