/// The report as a few lines for the terminal.
enum ReportSummary {
  static func lines(of report: LoadReport) -> [String] {
    let results = report.series.map { series in
      let tally = series.outcome.tally
      let name = series.name.map { "\($0): " } ?? ""
      let mean = tally.times.mean.map { Wording.time($0).text } ?? "no answer"
      return "\(name)\(Wording.figure(tally.requestsPerSecond)) requests a second, \(mean) each, "
        + "\(Wording.count(tally.answers)) in \(Wording.span(.seconds(tally.seconds)))"
    }
    let files = [report.plan.output, report.plan.json].compactMap { $0 }
    return results + ["Written: \(files.joined(separator: ", "))"]
  }
}
