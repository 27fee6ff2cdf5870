import FoundationEssentials

/// The report as a self-contained page: no scripts, no fonts, no network.
enum ReportPage {
  static func make(_ report: LoadReport) -> HTML {
    """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>\(title(report)): \(report.plan.targets.map(\.origin).joined(separator: ", "))</title>
    <style>
    \(style)</style>
    </head>
    <body>
    <header>
    <p class="brand">\(mark) <span><b>Top-Server</b> load report</span></p>
    <h1>\(title(report))</h1>
    <ul class="targets">
    \(report.series.map(target))
    </ul>
    <p class="meta">\(date(report.started)) on <bdi>\(report.machine.hostName)</bdi></p>
    </header>
    <main>
    \(troubles(report))
    \(ReportFigures.make(report))
    \(ReportPlots.throughput(report))
    \(ReportPlots.responseTimes(report))
    \(ReportTables.answers(report))
    \(ReportTables.server(report))
    \(ReportTables.machine(report))
    </main>
    <footer class="method">
    \(ReportMethod.make(report))
    </footer>
    </body>
    </html>

    """
  }

  private static func title(_ report: LoadReport) -> String {
    let clients = Wording.count(report.plan.clients, "client")
    let time = Wording.spelled(report.plan.duration)
    let rate = report.plan.rate.map { ", \(Wording.figure($0)) requests a second" } ?? ""
    return report.takesTurns
      ? "Two servers, \(clients), \(time) each\(rate)" : "\(clients) for \(time)\(rate)"
  }

  private static func target(_ series: ReportSeries) -> HTML {
    """
    <li>\(series.key) <code>\(series.outcome.target.urls.joined(separator: ", "))</code></li>
    """
  }

  /// The date and time to the minute, for example `2026-01-31 08:15 UTC`.
  private static func date(_ started: Int64) -> HTML {
    let text = RFC3339.text(nanosecondsSinceEpoch: started)
    return
      #"<time datetime="\#(text)">\#(text.prefix(10).description) \#(text.dropFirst(11).prefix(5).description) UTC</time>"#
  }

  /// The problems that a reader must know before the figures.
  private static func troubles(_ report: LoadReport) -> HTML {
    let troubles = ReportTroubles.of(report)
    guard !troubles.isEmpty else { return "" }
    return """
      <div class="trouble" role="note">
      \(troubles.map { "<p>\($0)</p>" as HTML })
      </div>
      """
  }

  private static let mark: HTML = """
    <svg viewBox="0 0 20 20" aria-hidden="true"><rect x="1" y="11" width="4" height="8" rx="1"/>\
    <rect x="8" y="1" width="4" height="18" rx="1"/><rect x="15" y="7" width="4" height="12" rx="1"/></svg>
    """

  /// The style sheet, from report.css in this folder.
  private static let style = HTML(
    stringLiteral: String(decoding: PackageResources.report_css, as: UTF8.self))
}

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
