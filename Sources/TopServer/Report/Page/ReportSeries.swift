/// One target's outcome among those that a report compares.
struct ReportSeries: Sendable {
  var outcome: LoadSession.Outcome
  /// `A` or `B`; `nil` when there is nothing to compare.
  var name: String?
  /// The class that gives its colour.
  var style: String

  /// Its name with its colour; empty when there is nothing to compare.
  var key: HTML { name.map { #"<span class="key \#(style)">\#($0)</span>"# } ?? "" }
}

extension LoadReport {
  var series: [ReportSeries] {
    zip(outcomes, [("A", "a"), ("B", "b")]).map {
      ReportSeries(outcome: $0, name: takesTurns ? $1.0 : nil, style: $1.1)
    }
  }
}
