/// A series of each other host, with the same name as that of this host.
///
/// ``Measures`` lists the measures and their numbers.
struct FleetSeries: Sendable, Equatable {
  /// Part of the file format.
  let number: Int64
  let place: AgentPlace
  let unit: MeasureUnit
  let series: Series

  /// By number, from 1 and without gaps.
  static let allCases: [FleetSeries] =
    Measures.ofOtherHosts.compactMap { measure, agents in
      guard let number = agents.series, let series = Series(measure) else { return nil }
      return FleetSeries(number: number, place: agents.place, unit: measure.unit, series: series)
    }.sorted { $0.number < $1.number }

  /// The series by number.
  static let all = Dictionary(uniqueKeysWithValues: allCases.map { ($0.number, $0.series) })

  /// The number of a series.
  static func number(of series: Series) -> Int64 { numbers[series] ?? 0 }

  private static let numbers = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0.series, $0.number) })
}
