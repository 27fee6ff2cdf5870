@testable import TopServer

/// The tables of the documentation that are derived from the catalogues.
enum ReferenceTables {
  static var measures: String {
    table(
      ["measure", "unit", "meaning", "history", "fleet", "alerts"],
      Measures.all.map { measure in
        [
          "`\(measure.path)`", measure.unit.rawValue, measure.help, history(measure),
          fleet(measure),
          measure.alerts.map { "`\($0.name)`" }.joined(separator: ", "),
        ]
      })
  }

  static var columns: String {
    table(
      ["field", "unit", "meaning"],
      CPUUsageColumn.all.map { ["`\($0.name)`", $0.unit?.rawValue ?? "", $0.help] })
  }

  /// The document with the table between its two marks.
  static func put(_ table: String, as name: String, into document: String) -> String? {
    guard
      let begin = document.firstRange(
        of: "<!-- BEGIN \(name): `make golden` writes this table -->\n"),
      let end = document.firstRange(of: "<!-- END \(name) -->")
    else { return nil }
    return document[..<begin.upperBound] + table + document[end.lowerBound...]
  }

  private static func history(_ measure: MeasureDescription) -> String {
    guard let (parts, weight) = measure.recording else { return "" }
    let grain =
      parts == 1.0 / 1024
      ? "1 KiB" : parts == 1 ? "1" : "0.\(String(repeating: "0", count: digits(parts) - 1))1"
    let mean =
      switch weight {
      case .time: ""
      case .cpus: ", CPU time"
      case .ledger: ", sums"
      }
    return grain + mean + (measure.isShown ? "" : ", only")
  }

  private static func digits(_ parts: Double) -> Int { parts == 100 ? 2 : 4 }

  private static func fleet(_ measure: MeasureDescription) -> String {
    guard let agents = measure.agents else { return "" }
    return [
      agents.isSent ? "sent" : "derived", agents.series.map { _ in "recorded" },
    ].compactMap { $0 }.joined(separator: ", ")
  }

  private static func table(_ head: [String], _ rows: [[String]]) -> String {
    func line(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |\n" }
    return line(head) + "|" + String(repeating: "---|", count: head.count) + "\n"
      + rows.map(line).joined()
  }
}
