/// Problems that a reader must know before the figures, as sentences.
enum ReportTroubles {
  static func of(_ report: LoadReport) -> [String] {
    var troubles: [String] = []
    if let signal = report.signal {
      let asked = report.outcomes.reduce(0) { $0 + $1.tally.seconds }
      let whole = report.plan.duration * report.plan.targets.count
      troubles.append(
        "Ended early by \(signal), after \(Wording.span(.seconds(asked))) of \(Wording.span(whole)). "
          + "The figures cover the time until then.")
    }
    for series in report.series {
      let name = series.name.map { "\($0): " } ?? ""
      troubles += of(series.outcome, report).map { name + $0 }
    }
    return troubles
  }

  private static func of(_ outcome: LoadSession.Outcome, _ report: LoadReport) -> [String] {
    let tally = outcome.tally
    var troubles: [String] = []
    if let since = tally.silentSince {
      troubles.append(
        tally.answers > 0
          ? "The server stopped answering: there was no answer after \(Wording.span(.seconds(since)))."
          : "The server gave no answer at all.")
    }
    if tally.failed > 0 {
      troubles.append("\(Wording.count(tally.failed, "request")) had no answer.")
    }
    if tally.refused > 0 {
      troubles.append("\(Wording.count(tally.refused, "answer")) had an error status.")
    }
    if let rate = report.plan.rate, tally.unsent > 0 {
      troubles.append(
        "The rate of \(Wording.figure(rate)) requests a second was not kept: "
          + "\(Wording.count(tally.unsent)) were due but not sent, because earlier answers took too long."
      )
    }
    if let counted = outcome.server.requests(for: outcome.target.paths),
      counted != tally.answers, tally.failed == 0
    {
      troubles.append(
        "The server counted \(Wording.count(Int(counted), "request")): other clients also sent requests."
      )
    }
    return troubles
  }
}
