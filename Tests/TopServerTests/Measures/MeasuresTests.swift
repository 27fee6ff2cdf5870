import Jansson
import Testing

@testable import TopServer

@Suite struct MeasuresTests {
  @Test func everyMeasureHasItsOwnPathAndASentence() {
    #expect(Set(Measures.all.map(\.path)).count == Measures.all.count)
    for measure in Measures.all {
      #expect(measure.help.hasSuffix(".") && measure.help.first?.isUppercase == true)
      #expect(!measure.help.contains("|"), "\(measure.path)")
      #expect(Measures.at(measure.path)?.help == measure.help)
    }
  }

  @Test func theNameOfAMeasureHasItsUnit() {
    for measure in Measures.all {
      let name = measure.path
      #expect(name.hasSuffix("_percent") == measure.unit.isShare, "\(name)")
      #expect(name.hasSuffix("bytes_per_second") == (measure.unit == .bytesPerSecond), "\(name)")
      #expect(name.hasSuffix("_bytes") == (measure.unit == .bytes), "\(name)")
      #expect(name.hasSuffix("_seconds") == (measure.unit == .seconds), "\(name)")
    }
  }

  @Test func systemHasEveryMeasureThatIsShown() throws {
    let text = SystemText.make(
      GoldenMachine.snapshot, AnswerEncoder.test.run,
      RecorderState(isOn: false, since: 0, limit: 0), FleetStatus(), .init())
    let system = try JSONValue(parsing: text)
    for measure in Measures.all {
      let value = Self.value(system, measure.path.split(separator: ".").map { String($0) })
      // The kernel of the synthetic machine does not measure it.
      guard !measure.path.hasPrefix("pressure.cpu.full.") else { continue }
      #expect((value != nil) == measure.isShown, "\(measure.path)")
    }
  }

  /// The value at a path, of the last interval if there are two.
  private static func value(_ json: JSONValue, _ path: [String]) -> JSONValue? {
    guard let first = path.first else { return json }
    let next = first == "*" ? json.elements?.first : json[first]
    guard let next else { return json["now"].flatMap { value($0, path) } }
    return value(next, Array(path.dropFirst()))
  }

  @Test func everyPlaceOfOtherHostsHasOneMeasure() {
    #expect(Measures.ofOtherHosts.map(\.agents.place) == AgentPlace.allCases)
  }

  /// ``FleetPoint`` has room for as many values.
  @Test func recordedSeriesOfOtherHostsAreNumberedWithoutGaps() {
    #expect(FleetSeries.allCases.map(\.number) == Array(1...12))
  }

  @Test func namesOfMetricsAreUnique() {
    #expect(Set(Measures.watched.map(\.name)).count == Measures.watched.count)
    // A measure of many things also needs a case of AlertMetric.
    #expect(Set(Measures.watched.map(\.name)).isSubset(of: AlertMetric.names))
  }

  /// The history bounds the number of names of each kind.
  @Test func everyMeasureOfManyThingsHasAKindInTheHistory() {
    let paths = Measures.all.map(\.path).filter { $0.contains("*") }
    #expect(
      Set(paths.map { String($0.prefix { $0 != "." }) }) == Set(SeriesKind.allCases.map(\.rawValue))
    )
  }

  @Test func theSeriesOfAFirstChartAreRecorded() {
    for selection in HistoryQuery.usual {
      #expect(Measures.at(selection.pattern)?.recording != nil, "\(selection.pattern)")
    }
  }

  @Test func allPartsOfTheLedgerAreMeasures() {
    for part in LedgerSums.Part.allCases {
      #expect(Measures.at(part.series.name)?.recording?.weight == .ledger, "\(part)")
    }
    #expect(LedgerSums.counted.scale == 10_000)
    for kind in RecordedMachineUse.Kind.allCases { #expect(kind.series.scale == 100) }
  }
}

@Suite struct CPUUsageColumnTests {
  @Test func everyColumnHasItsOwnNameAndASentence() {
    #expect(Set(CPUUsageColumn.all.map(\.name)).count == CPUUsageColumn.all.count)
    for (place, column) in CPUUsageColumn.all.enumerated() {
      #expect(column.place == place && CPUUsageColumn.named(column.name) == column)
      #expect(column.help.hasSuffix(".") && !column.help.contains("|"), "\(column.name)")
    }
  }
}
