/// The tables of the report.
enum ReportTables {
  // MARK: - Response times

  static func percentiles(_ report: LoadReport) -> HTML {
    let columns: [(name: String, value: (ResponseTimes) -> Double?)] = [
      ("p50", { $0.percentile(50) }), ("p90", { $0.percentile(90) }),
      ("p99", { $0.percentile(99) }), ("p99.9", { $0.percentile(99.9) }), ("max", \.slowest),
    ]
    let values = report.outcomes.map { outcome in columns.map { $0.value(outcome.tally.times) } }
    let corner: HTML = report.takesTurns ? "<td></td>" : ""
    let rows = zip(report.series, values).map { series, values in
      let head: HTML = report.takesTurns ? #"<th scope="row">\#(series.key)</th>"# : ""
      return row(head, values.map { $0.map { Wording.time($0).text } })
    }
    let ratios = columns.indices.map { index in Ratio.text(values.map { $0[index] }) }
    return """
      <table class="percentiles is-wide">
      <thead><tr>\(corner)\(columns.map { #"<th scope="col">\#($0.name)</th>"# as HTML })</tr></thead>
      <tbody>
      \(rows)
      \(report.takesTurns ? row(#"<th scope="row">B to A</th>"#, ratios) : "")
      </tbody>
      </table>
      """
  }

  // MARK: - Answers

  static func answers(_ report: LoadReport) -> HTML {
    var table = Comparison(report)
    table.add("Requests answered") {
      Wording.count($0.tally.answers)
    } ratio: {
      Double($0.tally.answers)
    }
    for status in Set(report.outcomes.flatMap(\.tally.statuses.keys)).sorted() where status != 200 {
      table.add("with status \(status)", isBad: status >= 400) {
        Wording.count($0.tally.statuses[status] ?? 0)
      }
    }
    for reason in Set(report.outcomes.flatMap(\.tally.failures.keys)).sorted() {
      table.add("Failed: \(reason)", isBad: true) { Wording.count($0.tally.failures[reason] ?? 0) }
    }
    if report.errors == 0 { table.add("Errors") { _ in "none" } }
    if report.plan.rate != nil {
      table.add("Due but not sent") { Wording.count($0.tally.unsent) }
    }
    table.add("Bytes received") { Wording.bytes(Double($0.tally.bytes)) }
    table.add("Bytes per answer") {
      $0.tally.bytesPerAnswer.map(Wording.bytes)
    } ratio: {
      $0.tally.bytesPerAnswer
    }
    table.add("Bytes per second") { $0.tally.bytesPerSecond.map(Wording.bytes) }
    table.add("Connections opened") { Wording.count($0.tally.connections) }
    return """
      <section id="answers">
      <h2>Answers</h2>
      \(table.html)
      </section>
      """
  }

  // MARK: - Server

  static func server(_ report: LoadReport) -> HTML {
    guard report.outcomes.contains(where: \.server.isKnown) else {
      return """
        <section id="server">
        <h2>Server</h2>
        <p>The server reports nothing about itself: it has no /system as Top-Server does.</p>
        </section>
        """
    }
    let rows = report.series.flatMap { series in
      let server = series.outcome.server
      return [
        row(
          #"<th scope="row">\#(series.key) CPU</th>"#,
          [
            server.before?.cpuPercent, server.meanCPUPercent, server.highestCPUPercent,
            server.after?.cpuPercent,
          ].map { $0.map(Wording.percent) }),
        row(
          #"<th scope="row">\#(series.key) Memory</th>"#,
          [
            server.before?.residentBytes, server.meanResidentBytes, server.highestResidentBytes,
            server.after?.residentBytes,
          ].map { $0.map { Wording.memory(Double($0)) } }),
      ]
    }
    return """
      <section id="server">
      <h2>Server</h2>
      <p>From its own /system. CPU is in percent of one CPU, memory is resident memory.</p>
      <table class="is-wide">
      <thead><tr><td></td><th scope="col">before</th><th scope="col">on average</th><th scope="col">at most</th><th scope="col">after</th></tr></thead>
      <tbody>
      \(rows)
      </tbody>
      </table>
      \(serverFacts(report))
      </section>
      """
  }

  private static func serverFacts(_ report: LoadReport) -> HTML {
    var table = Comparison(report)
    table.add("Version") { $0.server.before.map { "Top-Server \($0.version)" } }
    table.add("Counted by the server") { outcome in
      outcome.server.requests(for: outcome.target.paths).map { count in
        Wording.count(Int(count)) + (Int(count) == outcome.tally.answers ? ", the same" : "")
      }
    }
    table.add("CPU per request") {
      $0.cpuPerRequest.map { Wording.time($0).text }
    } ratio: {
      $0.cpuPerRequest
    }
    return table.html
  }

  // MARK: - Machine

  static func machine(_ report: LoadReport) -> HTML {
    let machine = report.machine
    let clientCPU = report.outcomes.reduce(0) { $0 + $1.clientCPUSeconds }
    let seconds = report.outcomes.reduce(0) { $0 + $1.tally.seconds }
    let facts: [(String, String?)] = [
      ("Processor", machine.processor),
      ("CPUs", Wording.count(machine.cores)),
      ("Memory", machine.memoryBytes.map { Wording.memory(Double($0)) }),
      ("Kernel", machine.kernel.map { "Linux \($0)" }),
      ("System", machine.system),
      ("Load before", machine.loadAverage.map { Wording.fixed($0, places: 2) }),
      (
        "CPU of the clients",
        seconds > 0 ? Wording.percent(clientCPU / seconds * 100) + " of one" : nil
      ),
      ("Made by", "Top-Server \(Version.text), \(report.curlVersion.prefix { $0 != " " })"),
    ]
    let rows = facts.map { name, value in
      #"<tr><th scope="row">\#(name)</th><td>\#(value ?? "unknown")</td></tr>"# as HTML
    }
    return """
      <section id="machine">
      <h2>\(report.isLocal ? "Machine" : "Machine of the clients")</h2>
      <table class="facts">
      <tbody>
      \(rows)
      <tr><th scope="row">Command</th><td><code id="command">\(report.command.map { "<span>\($0)</span>" as HTML })</code></td></tr>
      </tbody>
      </table>
      </section>
      """
  }

  fileprivate static func row(_ head: HTML, _ cells: [String?]) -> HTML {
    "<tr>\(head)\(cells.map { "<td>\($0 ?? "–")</td>" as HTML })</tr>"
  }
}
