/// What is recorded of each other host, under the names that the same numbers of this host have.
///
/// The numbers are part of the file format: new series are added at the end.
enum FleetSeries: Int64, Sendable, CaseIterable {
  case busy = 1
  case user
  case system
  case iowait
  case steal
  case load
  case memory
  case coverage

  var series: Series {
    switch self {
    case .busy: .decimal("cpu.busy_percent")
    case .user: .decimal("cpu.user_percent")
    case .system: .decimal("cpu.system_percent")
    case .iowait: .decimal("cpu.iowait_percent")
    case .steal: .decimal("cpu.steal_percent")
    case .load: .decimal("load.load_1")
    case .memory: .decimal("memory.used_percent")
    case .coverage: .decimal("ledger.coverage_percent")
    }
  }

  /// All of them, by the number under which they are stored.
  static let all = Dictionary(uniqueKeysWithValues: allCases.map { ($0.rawValue, $0.series) })

  /// The number of one of them.
  static func number(of series: Series) -> Int64 { numbers[series] ?? 0 }

  private static let numbers = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0.series, $0.rawValue) })
}
