/// The plots of the report.
enum ReportPlots {
  // MARK: - Over time

  /// The requests per second and, below it, the server's CPU use over the same time.
  static func throughput(_ report: LoadReport) -> HTML {
    let rates = report.outcomes.map { $0.tally.rates(bySlice: report.plan.slice) }
    let scale = Scale.linear(upTo: rates.joined().max() ?? 0)
    let seconds = report.outcomes.map(\.tally.seconds).max() ?? 0
    let plot = Plot(
      lines: zip(report.series, rates).map { series, rates in
        .init(
          points: overTime(rates.map(scale.position)), isArea: !report.takesTurns,
          style: series.style)
      },
      rows: scale.marks { Wording.tick($0) }, columns: timeMarks(seconds), height: 180,
      description: "Requests per second over time")
    let slice = Wording.span(.nanoseconds(report.plan.slice))
    return """
      <section id="throughput">
      <h2>Requests per second</h2>
      <p>Each point is the average of \(slice).\(report.takesTurns ? " The servers took turns; the time axis shows each server’s own time." : "")</p>
      <figure>\(plot.svg)</figure>
      \(serverCPU(report, over: seconds))
      </section>
      """
  }

  private static func serverCPU(_ report: LoadReport, over seconds: Double) -> HTML {
    guard report.outcomes.contains(where: { $0.server.during.count > 1 }) else { return "" }
    let highest = report.outcomes.compactMap(\.server.highestCPUPercent).max() ?? 0
    let scale = Scale.linear(upTo: max(100, highest), steps: 2...2)
    let plot = Plot(
      lines: report.series.map { series in
        .init(
          points: series.outcome.server.during.compactMap { sample in
            sample.facts.cpuPercent.map {
              .init(x: min(1, sample.seconds / seconds), y: scale.position($0))
            }
          }, style: series.style)
      },
      rows: scale.marks { Wording.tick($0) + " %" }, columns: timeMarks(seconds), height: 72,
      description: "CPU of the server over time, in percent of one CPU")
    return """
      <h3>CPU of the server</h3>
      <p>Percent of one CPU, from its own samples.</p>
      <figure>\(plot.svg)</figure>
      """
  }

  /// Centers values in equal parts of the width; the first and the last extend to the edges.
  private static func overTime(_ values: [Double]) -> [Plot.Point] {
    guard let first = values.first, let last = values.last else { return [] }
    let points = values.enumerated().map { index, value in
      Plot.Point(x: (Double(index) + 0.5) / Double(values.count), y: value)
    }
    return [.init(x: 0, y: first)] + points + [.init(x: 1, y: last)]
  }

  /// Round times, at most about six between start and end.
  private static func timeMarks(_ seconds: Double) -> [Plot.Mark] {
    guard seconds > 0 else { return [] }
    let steps: [Double] = [
      0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800,
    ]
    let step = steps.first { seconds / $0 < 6.5 } ?? seconds
    return stride(from: 0, through: seconds * 1.001, by: step).map {
      .init(position: min(1, $0 / seconds), label: $0 == 0 ? "0" : Wording.span(.seconds($0)))
    }
  }

  // MARK: - Response times

  /// The response times by percentile, rarer ones to the right.
  static func responseTimes(_ report: LoadReport) -> HTML {
    """
    <section id="response-times">
    <h2>Time per response</h2>
    \(percentiles(report))
    \(ReportTables.percentiles(report))
    </section>
    """
  }

  private static func percentiles(_ report: LoadReport) -> HTML {
    let times = report.outcomes.map(\.tally.times)
    let lowest = times.compactMap(\.fastest).min() ?? 0
    let highest = times.compactMap(\.slowest).max() ?? 0
    let count = times.map(\.count).max() ?? 0
    guard count > 1, highest > 0 else { return "" }
    let scale = Scale.logarithmic(from: max(lowest, 1e-7), to: highest)
    let axis = PercentileAxis(count: count)
    let plot = Plot(
      lines: zip(report.series, times).map { series, times in
        let end = axis.position(ofRarest: times.count)
        func point(_ x: Double) -> Plot.Point {
          let percent = x == end ? 100 : axis.percent(at: x)
          return .init(x: x, y: scale.position(times.percentile(percent) ?? 0))
        }
        let steps = stride(from: 0, to: end, by: 1.0 / 240)
        return .init(
          points: steps.map(point) + [point(end)],
          dots: axis.marks.map(\.position).filter { $0 <= end }.map(point), style: series.style)
      },
      rows: scale.marks(Wording.timeTick), columns: axis.marks, height: 200,
      description: "Time per response by percentile, both scales logarithmic")
    return """
      <p>The percentage of answers that took no longer than this. Both scales are logarithmic.</p>
      <figure>\(plot.svg)</figure>
      """
  }
}

extension Scale {
  fileprivate func marks(_ label: (Double) -> String) -> [Plot.Mark] {
    ticks.map { .init(position: position($0), label: label($0)) }
  }
}
