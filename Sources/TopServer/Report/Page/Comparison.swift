/// A table with a row per fact: its value, or the values of two targets and their ratio.
struct Comparison {
  private let report: LoadReport
  private var rows: [HTML] = []

  init(_ report: LoadReport) { self.report = report }

  mutating func add(
    _ name: String, isBad: Bool = false, value: (LoadSession.Outcome) -> String?,
    ratio: (LoadSession.Outcome) -> Double? = { _ in nil }
  ) {
    let values = report.outcomes.map(value)
    let cells = values.map { "<td>\($0 ?? "–")</td>" as HTML }
    let last: HTML =
      report.takesTurns ? "<td>\(Ratio.text(report.outcomes.map(ratio)) ?? "")</td>" : ""
    let style: HTML = isBad ? #" class="is-bad""# : ""
    rows.append(#"<tr\#(style)><th scope="row">\#(name)</th>\#(cells)\#(last)</tr>"#)
  }

  var html: HTML {
    let keys = report.series.map { #"<th scope="col">\#($0.key)</th>"# as HTML }
    let head: HTML =
      report.takesTurns
      ? #"<thead><tr><td></td>\#(keys)<th scope="col">B to A</th></tr></thead>"# : ""
    return """
      <table class="\(report.takesTurns ? "is-wide" : "facts")">
      \(head)
      <tbody>
      \(rows)
      </tbody>
      </table>
      """
  }
}

/// The ratio of the second of two values to the first.
enum Ratio {
  /// - Returns: `nil` if there are not two values or the first is 0.
  static func text(_ values: [Double?]) -> String? {
    guard values.count == 2, let first = values[0], let second = values[1], first > 0 else {
      return nil
    }
    return Wording.fixed(second / first, places: 2)
  }
}
