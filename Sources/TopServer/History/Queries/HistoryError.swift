/// Why a query about the past has no answer, and what to change.
enum HistoryError: QueryRefusal, Equatable, CustomStringConvertible {
  /// A part of the query is invalid; the text names it and says what it accepts.
  case badQuery(String)
  /// No such series exists; the error lists some of the known ones and counts the others.
  case unknownSeries(String, known: [String], more: Int)
  /// Nothing was recorded of the host in the query.
  case unknownHost
  /// See ``HistoryQuery/mostPoints``.
  case tooManyPoints(leastSeconds: Int64)
  /// See ``HistoryBudget/mostValues``; `step` is a step in seconds that would fit, if there is one.
  case tooManyValues(columns: Int, points: Int, step: Int64?)
  /// See ``HistoryBudget/mostRows(values:)``.
  case tooManyRows(processes: Int, values: Int)
  /// See ``HistoryBudget/mostProcesses``.
  case tooManyProcesses
  /// See ``HistoryBudget/check(tableOf:limit:columns:)``; `limit` is a limit that would fit, or 0 if none does.
  case tableTooLarge(processes: Int, columns: Int, limit: Int)
  /// No limit of rows helps.
  case tooManyTableProcesses(Int, most: Int)
  /// See ``HistoryBudget/mostSelections``.
  case tooManySelections(Int)

  var description: String {
    switch self {
    case .badQuery(let reason): reason
    case .unknownSeries(let pattern, let known, let more):
      "series=\(Wording.shortened(pattern)): no series with this name was recorded; "
        + "recorded series are \(known.joined(separator: ", "))"
        + (more > 0 ? " and \(more) more" : "")
    case .unknownHost: "no samples of a host with this name were recorded"
    case .tooManyPoints(let least):
      "the answer would have more than \(HistoryQuery.mostPoints) points: "
        + "step must be at least \(least)s, or left out"
    case .tooManyValues(let columns, let points, let step):
      "\(columns) series at \(points) points are \(columns * points) values; the limit of "
        + "an answer is \(HistoryBudget.mostValues): query fewer series"
        + (step.map { ", or make step at least \($0)s" } ?? "")
    case .tooManyRows(let processes, let values):
      "\(processes) processes with \(values) values each are more than the "
        + "\(HistoryBudget.mostValues) values of an answer: "
        + "limit must be at most \(HistoryBudget.mostRows(values: values)), or the range shorter"
    case .tooManyProcesses:
      "this range has more than \(HistoryBudget.mostProcesses) processes, "
        + "which is the limit of one query: query a shorter range"
    case .tableTooLarge(let processes, let columns, let limit):
      "a table of the past with \(columns) fields of \(processes) processes is too large: "
        + "query fewer fields, or limit must be at most \(limit)"
    case .tooManyTableProcesses(let processes, let most):
      "\(processes) processes are more than the \(most) that such a table of the past can have"
    case .tooManySelections(let selections):
      "series has \(selections) selections; the limit is \(HistoryBudget.mostSelections). "
        + "Use cpu.* for all series whose names begin with cpu."
    }
  }
}
