/// The limits of a query about the past, checked before the work begins.
///
/// They keep every answer below 64 MB of memory, including its text and its compressed text.
enum HistoryBudget {
  /// The maximum number of values in an answer: columns × points.
  ///
  /// A value takes 16 bytes while blocks are added up, and up to 20 as text.
  static let mostValues = 1_500_000
  /// The maximum number of different selections in a query.
  static let mostSelections = 200
  /// The maximum number of different processes that a query may examine.
  ///
  /// Each takes about 100 bytes until all are ranked by their CPU time.
  static let mostProcesses = 250_000

  /// The maximum number of points with this many columns.
  static func mostPoints(columns: Int) -> Int { mostValues / max(1, columns) }

  /// The maximum number of processes in an answer with this many values each.
  static func mostRows(values: Int) -> Int { mostValues / max(1, values) }

  /// - Parameters:
  ///   - points: The query's points: the answer has a row for each.
  /// - Throws: a ``HistoryError`` that names the limit and what to change.
  static func check(_ query: HistoryQuery, columns: Int) throws(HistoryError) {
    let (points, most) = (query.pointCount, mostPoints(columns: columns))
    guard points > most else { return }
    // The first and the last step may be partial.
    let step = most > 2 ? (query.to - query.from) / Int64(most - 2) / 1000 + 1 : nil
    throw .tooManyValues(columns: columns, points: points, step: step)
  }

  /// - Parameters:
  ///   - limit: The requested number of processes.
  ///   - found: The number of processes found.
  ///   - values: The number of values for each process.
  /// - Throws: a ``HistoryError`` that names the limit and what to change.
  static func check(limit: Int, found: Int, values: Int) throws(HistoryError) {
    guard min(limit, found) > mostRows(values: values) else { return }
    throw .tooManyRows(processes: min(limit, found), values: values)
  }

  /// - Parameter processes: The number of processes that the query has to examine.
  /// - Throws: a ``HistoryError`` that names the limit and what to change.
  static func check(processes: Int) throws(HistoryError) {
    guard processes > mostProcesses else { return }
    throw .tooManyProcesses
  }

  /// - Parameter selections: The number of different selections in the query.
  /// - Throws: a ``HistoryError`` that names the limit and what to change.
  static func check(selections: Int) throws(HistoryError) {
    guard selections > mostSelections else { return }
    throw .tooManySelections(selections)
  }
}
