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

  /// - Parameters:
  ///   - points: Those of the query: the answer has as many rows.
  /// - Throws: a ``Problem`` that names the budget and what to change.
  static func check(_ query: HistoryQuery, columns: Int) throws(Problem) {
    let (points, most) = (query.pointCount, mostPoints(columns: columns))
    guard points > most else { return }
    // The first and the last step may be cut.
    let step = most > 2 ? (query.to - query.from) / Int64(most - 2) / 1000 + 1 : nil
    throw Problem(
      status: 400,
      detail: "\(columns) series at \(points) points are \(columns * points) values, and an answer "
        + "has \(mostValues) at most: ask for fewer series"
        + (step.map { ", or make step at least \($0)s" } ?? ""))
  }

  /// - Parameters:
  ///   - limit: How many processes were asked for.
  ///   - found: How many there are.
  ///   - values: How many the answer has of each.
  /// - Throws: a ``Problem`` that names the budget and what to change.
  static func check(limit: Int, found: Int, values: Int) throws(Problem) {
    let most = mostValues / max(1, values)
    guard min(limit, found) > most else { return }
    throw Problem(
      status: 400,
      detail: "\(min(limit, found)) processes with \(values) values each are more than the "
        + "\(mostValues) values of an answer: limit must be at most \(most)"
        + ", or the stretch shorter")
  }

  /// - Parameter processes: How many a question has to look at.
  /// - Throws: a ``Problem`` that names the budget and what to change.
  static func check(processes: Int) throws(Problem) {
    guard processes > mostProcesses else { return }
    throw Problem(
      status: 400,
      detail: "this stretch of time tells of more than \(mostProcesses) processes, "
        + "which is the most for one question: ask for a shorter stretch")
  }

  /// - Parameter selections: How many different ones a question has.
  /// - Throws: a ``Problem`` that names the budget and what to change.
  static func check(selections: Int) throws(Problem) {
    guard selections > mostSelections else { return }
    throw Problem(
      status: 400,
      detail: "series names \(selections) different selections, and accepts \(mostSelections) at "
        + "most: cpu.* stands for all that begin so")
  }
}
