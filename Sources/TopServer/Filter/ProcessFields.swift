import ProcFS

/// The fields of the table of processes that filters can name: its columns, and what follows from several.
///
/// A new column is a field at once. Moments are left out; `age` has the same for people.
enum ProcessFields {
  /// The names, for ``Filter``.
  static let names = FilterFields(fields.map(\.field))

  /// What values depend on besides their row.
  struct Context {
    var columns: CPUUsageColumn.Context
    /// Seconds since the epoch at the sample, on the clock of ``ProcessRow/startTime``.
    var now: Double
  }

  /// The value of a field; it allocates nothing.
  static func value(of field: Int, _ row: ProcessRow, _ context: Context) -> FilterValue {
    fields[field].read(row, context)
  }

  /// Whether the result of a filter depends on the names of users.
  static func readsUsers(_ filter: Filter) -> Bool {
    filter.expression.names { fields[$0].readsUsers }
  }

  private struct Definition: Sendable {
    var field: FilterFields.Field
    var readsUsers = false
    var read: @Sendable (ProcessRow, Context) -> FilterValue
  }

  /// Short names of columns.
  private static let otherNames = [
    "rss_bytes": ["rss"], "ppid": ["parent"], "status": ["state"],
  ]
  private static let searched: Set<String> = ["name", "program"]

  private static let fields: [Definition] =
    CPUUsageColumn.all.compactMap { field(of: $0) } + [
      number("cpu", .percentOfOneCPU) { row, context in
        context.columns.percent(row.average?.total)
      },
      number("cpu_now", .percentOfOneCPU) { row, context in
        context.columns.percent(row.recent?.total)
      },
      number("age", .seconds) { row, context in max(0, context.now - row.startTime) },
    ]

  private static func number(
    _ name: String, _ unit: MeasureUnit,
    _ read: @escaping @Sendable (ProcessRow, Context) -> Double?
  ) -> Definition {
    Definition(field: .init(name: name, kind: .number(unit))) { .number(read($0, $1)) }
  }

  private static let emptyRow = ProcessRow(
    identity: ProcessIdentity(pid: 1, startTicks: 0), name: "", state: .sleeping, parentPID: 0,
    uid: 0,
    isKernelThread: false, startTime: 0)

  private static func field(of column: CPUUsageColumn) -> Definition? {
    let kind: FilterFields.Kind
    let read = column.read
    // All values of a column have the same case, also those of an empty row.
    switch read(emptyRow, CPUUsageColumn.Context(users: KnownUsers(), fullCPU: 100)) {
    case .moment: return nil
    case .truth: kind = .truth
    case .text: kind = .text
    case .whole, .share, .seconds: kind = .number(column.unit)
    }
    let field = FilterFields.Field(
      name: column.name, kind: kind,
      choices: column.name == "status" ? ProcessState.allCases.map(\.rawValue) : [],
      otherNames: otherNames[column.name] ?? [],
      isSearched: searched.contains(column.name))
    return Definition(field: field, readsUsers: column.readsUsers) { row, context in
      switch read(row, context.columns) {
      case .whole(let value): .number(value.map { Double($0) })
      case .share(let share): .number(context.columns.percent(share))
      case .seconds(let value): .number(value?.rounded(places: 2))
      case .moment(let value): .number(value)
      case .text(let text): .text(text)
      case .truth(let value): .truth(value)
      }
    }
  }
}
