/// What one question about the past may cost: the one place that decides, before the work begins.
///
/// The numbers keep every answer below 64 MB of memory, with its text and its compressed text.
enum HistoryBudget {
  /// Values that an answer has at most: columns × points.
  ///
  /// A value takes 16 bytes while blocks are added up, and up to 20 as text.
  static let mostValues = 1_500_000
  /// Different selections that a question has at most.
  static let mostSelections = 200
  /// Different processes that a question looks at.
  ///
  /// Each takes about 100 bytes until it is known which of them used most.
  static let mostProcesses = 250_000

  /// Points that so many columns may have.
  static func mostPoints(columns: Int) -> Int { mostValues / max(1, columns) }

  /// Processes that an answer has at most, with so many values of each.
  static func mostRows(values: Int) -> Int { mostValues / max(1, values) }

  /// - Parameters:
  ///   - points: Those of the query: the answer has as many rows.
  /// - Throws: a ``HistoryError`` that names the budget and what to change.
  static func check(_ query: HistoryQuery, columns: Int) throws(HistoryError) {
    let (points, most) = (query.pointCount, mostPoints(columns: columns))
    guard points > most else { return }
    // The first and the last step may be cut.
    let step = most > 2 ? (query.to - query.from) / Int64(most - 2) / 1000 + 1 : nil
    throw .tooManyValues(columns: columns, points: points, step: step)
  }

  /// - Parameters:
  ///   - limit: How many processes were asked for.
  ///   - found: How many there are.
  ///   - values: How many the answer has of each.
  /// - Throws: a ``HistoryError`` that names the budget and what to change.
  static func check(limit: Int, found: Int, values: Int) throws(HistoryError) {
    guard min(limit, found) > mostRows(values: values) else { return }
    throw .tooManyRows(processes: min(limit, found), values: values)
  }

  /// - Parameter processes: How many a question has to look at.
  /// - Throws: a ``HistoryError`` that names the budget and what to change.
  static func check(processes: Int) throws(HistoryError) {
    guard processes > mostProcesses else { return }
    throw .tooManyProcesses
  }

  /// - Parameter selections: How many different ones a question has.
  /// - Throws: a ``HistoryError`` that names the budget and what to change.
  static func check(selections: Int) throws(HistoryError) {
    guard selections > mostSelections else { return }
    throw .tooManySelections(selections)
  }
}
