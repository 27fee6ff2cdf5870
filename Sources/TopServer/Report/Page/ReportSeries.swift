/// The outcome of one of the compared targets.
struct ReportSeries: Sendable {
  var outcome: LoadSession.Outcome
  /// `A` or `B`; `nil` if there is nothing to compare.
  var name: String?
  /// The CSS class that sets the color.
  var style: String

  /// The name in its color; empty if there is nothing to compare.
  var key: HTML { name.map { #"<span class="key \#(style)">\#($0)</span>"# } ?? "" }
}

extension LoadReport {
  var series: [ReportSeries] {
    zip(outcomes, [("A", "a"), ("B", "b")]).map {
      ReportSeries(outcome: $0, name: takesTurns ? $1.0 : nil, style: $1.1)
    }
  }
}
