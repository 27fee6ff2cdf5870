import Jansson
import ProcFS

/// The definition of one column of /cpu_usage.
///
/// Text, equality and order are derived from the value that it reads of a row.
struct CPUUsageColumn: Sendable {
  /// The name in the answer.
  let name: String
  let help: String
  /// `nil` if the value has none.
  let unit: MeasureUnit?
  /// Whether an answer to a request without `fields` has it.
  let isStandard: Bool
  /// Whether the default order is descending.
  let sortsDescending: Bool
  /// Whether the value depends on the names of users.
  let readsUsers: Bool
  /// Reads the value of a row.
  ///
  /// It runs for each changed process in each answer, so it captures and allocates nothing.
  let read: @Sendable (ProcessRow, Context) -> Cell
  /// Its index among all columns.
  var place = 0

  /// A value, `nil` if it is unknown; all values of a column have the same case.
  enum Cell: Sendable {
    case whole(Int64?)
    /// A fraction of one CPU, shown as percent in the scale of the request.
    case share(Double?)
    case seconds(Double?)
    /// Seconds since the epoch.
    case moment(Double)
    case text(String?)
    case truth(Bool)
  }

  /// What a value depends on in addition to its row.
  struct Context: Sendable {
    var users: KnownUsers
    /// The percentage of one fully busy CPU: 100, or less if all CPUs together are 100.
    var fullCPU: Double

    func percent(_ share: Double?) -> Double? { share.map { ($0 * fullCPU).rounded(places: 2) } }
  }
}

extension CPUUsageColumn: Hashable {
  static func == (left: CPUUsageColumn, right: CPUUsageColumn) -> Bool { left.place == right.place }

  func hash(into hasher: inout Hasher) { hasher.combine(place) }
}

// MARK: - Derived from the value

extension CPUUsageColumn.Cell {
  /// The value in the answer; shares become percent here and nowhere else.
  func json(_ context: CPUUsageColumn.Context) -> JSONValue {
    switch self {
    case .whole(let value): JSONValue(value) { .integer($0) }
    case .share(let share): JSONValue(context.percent(share)) { .real($0) }
    case .seconds(let value): .decimal(value)
    case .moment(let value): .string(RFC3339.text(secondsSinceEpoch: value))
    case .text(let text): JSONValue(text) { .string($0) }
    case .truth(let value): .bool(value)
    }
  }

  /// Whether another value of the same column has the same text; full CPU is the same for both.
  func isSame(as other: CPUUsageColumn.Cell, _ context: CPUUsageColumn.Context) -> Bool {
    switch (self, other) {
    case (.whole(let old), .whole(let new)): old == new
    case (.share(let old), .share(let new)):
      old == new || context.percent(old) == context.percent(new)
    case (.seconds(let old), .seconds(let new)): old?.rounded(places: 2) == new?.rounded(places: 2)
    case (.moment(let old), .moment(let new)): old == new
    case (.text(let old), .text(let new)): old == new
    case (.truth(let old), .truth(let new)): old == new
    default: false
    }
  }

  /// The sort key of numbers; `nil` for text.
  var number: Double? {
    switch self {
    case .whole(let value): value.map { Double($0) }
    case .share(let value), .seconds(let value): value
    case .moment(let value): value
    case .truth(let value): value ? 1 : 0
    case .text: nil
    }
  }

  /// The sort key of text.
  var text: String? {
    if case .text(let text) = self { text } else { nil }
  }

  var isText: Bool {
    if case .text = self { true } else { false }
  }
}
