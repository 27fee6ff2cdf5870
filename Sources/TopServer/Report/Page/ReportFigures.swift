import Jansson

/// The three main figures of the report.
enum ReportFigures {
  static func make(_ report: LoadReport) -> HTML {
    """
    <dl class="figures">
    \(perSecond(report))
    \(perResponse(report))
    \(total(report))
    </dl>
    """
  }

  private static func perSecond(_ report: LoadReport) -> HTML {
    // Slices shorter than a second depend more on chance than on the server.
    let slowest =
      report.plan.slice < 1_000_000_000
      ? nil : report.outcomes[0].tally.rates(bySlice: report.plan.slice).min()
    let note = slowest.map { "on average; \(Wording.figure($0)) at the slowest" } ?? "on average"
    return figure("Requests per second", "requests_per_second", report, note: note) { tally in
      (
        .real(tally.requestsPerSecond),
        .init(value: Wording.figure(tally.requestsPerSecond), unit: "")
      )
    }
  }

  private static func perResponse(_ report: LoadReport) -> HTML {
    let p99 = report.outcomes[0].tally.times.percentile(99).map {
      "on average; 99 of 100 within \(Wording.time($0).text)"
    }
    return figure("Time per response", "mean_seconds", report, note: p99 ?? "no answer") { tally in
      tally.times.mean.map { (.real($0), Wording.time($0)) }
    }
  }

  private static func total(_ report: LoadReport) -> HTML {
    let seconds = report.outcomes[0].tally.seconds
    let span = Wording.span(.seconds(seconds))
    let note = report.errors == 0 ? "in \(span), all answered" : "answered in \(span)"
    return figure("Requests", "requests", report, note: note) { tally in
      (.integer(Int64(tally.answers)), .init(value: Wording.count(tally.answers), unit: ""))
    }
  }

  /// A figure of one target, or those of two targets and their ratio.
  ///
  /// - Parameters:
  ///   - note: The note below the figure if there is nothing to compare.
  ///   - value: Returns the exact value and its text; `nil` if there is none.
  private static func figure(
    _ title: String, _ id: String, _ report: LoadReport, note: String,
    value: (Tally) -> (exact: JSONValue, shown: Wording.Quantity)?
  ) -> HTML {
    let values = report.outcomes.map { value($0.tally) }
    let shown = zip(report.series, values).map { series, value in
      let quantity = value?.shown ?? .init(value: "–", unit: "")
      let exact = value.map { #" value="\#($0.exact.text)""# as HTML } ?? ""
      return """
        <dd class="value\(report.takesTurns ? " is-pair" : "")">\(series.key)\
        <data data-figure="\(id)"\(exact)>\(quantity.value)</data>\(unit(quantity.unit))</dd>
        """ as HTML
    }
    let ratio = Ratio.text(values.map { $0?.exact.number })
    return """
      <div>
      <dt>\(title)</dt>
      \(shown)
      <dd class="note">\(ratio.map { "B to A: \($0)" } ?? note)</dd>
      </div>
      """
  }

  private static func unit(_ unit: String) -> HTML {
    unit.isEmpty ? "" : #" <span class="unit">\#(unit)</span>"#
  }
}

extension JSONValue {
  /// The number as in the JSON of the same report.
  fileprivate var text: String { String(decoding: encoded(), as: UTF8.self) }
}
