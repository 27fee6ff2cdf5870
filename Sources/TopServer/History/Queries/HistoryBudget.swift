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

  /// - Throws: a ``HistoryError`` that names the limit and a step that is accepted, if one is.
  static func check(_ query: HistoryQuery, columns: Int) throws(HistoryError) {
    let most = min(Int(HistoryQuery.mostPoints), mostPoints(columns: columns))
    // The first and the last step may be partial.
    let least = most > 1 ? query.leastStep(points: most) : nil
    let step = least.flatMap { $0 < HistoryQuery.stepLimit ? $0 : nil }
    let points = query.pointCount
    if points > mostPoints(columns: columns) {
      throw .tooManyValues(columns: columns, points: points, step: step)
    }
    if let step, query.step != nil, query.mostPointCount > HistoryQuery.mostPoints {
      throw .tooManyPoints(leastSeconds: step)
    }
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

  /// The memory of a process in a table of the past without its text, in values.
  private static let valuesOfTableProcess = 13

  /// - Parameters:
  ///   - processes: The number of processes at that moment, plus those that used CPU time in the window.
  ///   - limit: The requested number of rows.
  ///   - columns: The number of fields of each row; the text of two fields takes as much memory as a value.
  ///   - valuesOfProcess: What groups or a tree need for each process besides.
  /// - Throws: a ``HistoryError`` that names the limit and what to change.
  static func check(
    tableOf processes: Int, limit: Int, columns: Int, valuesOfProcess: Int = 0
  ) throws(HistoryError) {
    let valuesOfRow = (columns + 1) / 2
    let left = mostValues - processes * (valuesOfTableProcess + valuesOfProcess)
    guard min(limit, processes) * valuesOfRow > left else { return }
    guard left >= valuesOfRow else {
      throw .tooManyTableProcesses(
        processes, most: mostValues / (valuesOfTableProcess + valuesOfProcess))
    }
    throw .tableTooLarge(processes: processes, columns: columns, limit: left / max(1, valuesOfRow))
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
