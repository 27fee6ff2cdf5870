/// A series that is recorded for each other host, under the same name as for this machine.
///
/// ``Measures`` defines which series exist, and their numbers.
struct FleetSeries: Sendable, Equatable {
  /// Part of the file format.
  let number: Int64
  let place: AgentPlace
  let unit: MeasureUnit
  let series: Series

  /// In order of their numbers, which count from 1 without gaps.
  static let allCases: [FleetSeries] =
    Measures.ofOtherHosts.compactMap { measure, agents in
      guard let number = agents.series, let series = Series(measure) else { return nil }
      return FleetSeries(number: number, place: agents.place, unit: measure.unit, series: series)
    }.sorted { $0.number < $1.number }

  /// All series, by the number under which they are stored.
  static let all = Dictionary(uniqueKeysWithValues: allCases.map { ($0.number, $0.series) })

  /// The number of a series; 0 if it is not recorded for other hosts.
  static func number(of series: Series) -> Int64 { numbers[series] ?? 0 }

  private static let numbers = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0.series, $0.number) })
}
