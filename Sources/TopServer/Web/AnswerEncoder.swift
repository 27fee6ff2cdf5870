import Deflate
import Jansson
import Linux
import MicroHTTPD

/// A document that is derived from a snapshot, and so changes with each.
enum Document: Hashable, Sendable {
  case cpuUsage
  case system
}

/// Turns a snapshot into the documents that are served, as responses that are ready to be sent.
struct AnswerEncoder: AnswerMaker {
  let userNames: UserNames
  /// Tells the snapshots of this run of the server from those of any other, for the ETag.
  let run: RunIdentity
  /// How far apart samples are meant to be; what was measured stands in /system.
  let interval: Duration
  /// What the recorder does, for /system.
  let recorder: Latest<RecorderState>
  /// How the fleet is, for /system.
  let fleet: Latest<FleetStatus>
  let counts: RequestCounts
  /// Has the readers of /events.
  let broadcaster: Broadcaster
  /// Has the connections and what was refused.
  var daemon = DaemonCounts()

  /// A document in plain form, and what helps to make the next one.
  struct Plain: PlainAnswer {
    let response: Response
    let cpuUsage: CPUUsageText?
  }

  /// Makes a document.
  ///
  /// - Parameters:
  ///   - query: As it stood in the request.
  ///   - before: The same document of an earlier snapshot, whose unchanged rows are taken over.
  /// - Throws: a ``Problem`` when the query is bad.
  func plain(
    _ document: Document, _ query: [RequestTarget.QueryItem], _ snapshot: Snapshot,
    after before: Plain? = nil
  ) throws(Problem) -> Plain {
    switch document {
    case .cpuUsage:
      let text = CPUUsageText(
        try CPUUsageQuery(query), snapshot, userNames, after: before?.cpuUsage)
      return Plain(
        response: response(text.body, snapshot, tagSuffix: "", encoding: ""), cpuUsage: text)
    case .system:
      let text = try systemText(query, snapshot)
      return Plain(
        response: response(Body(text), snapshot, tagSuffix: "", encoding: ""), cpuUsage: nil)
    }
  }

  /// The compressed form of a response of this encoder, or `nil` when there was no memory for it.
  func gzipped(_ plain: Response, _ snapshot: Snapshot) -> Response? {
    // Level 1 beyond some thousand processes: level 6 would take longer than the sweep.
    let body = plain.body.bytes
    guard let zipped = Gzip.compress(body, level: body.count > 100_000 ? 1 : 6) else { return nil }
    return response(Body(zipped), snapshot, tagSuffix: "-gzip", encoding: "gzip")
  }

  /// The process table of a moment in the past.
  func past(_ table: HistoryReader.Table, _ query: CPUUsageQuery, gzip: Bool) -> Response {
    let snapshot = table.snapshot
    return .fresh(
      CPUUsageText(query, snapshot, userNames).body.bytes,
      headers: [.init("X-Resolution-Seconds", Self.seconds(table.resolution))]
        + facts(snapshot), gzip: gzip)
  }

  private func systemText(
    _ query: [RequestTarget.QueryItem], _ snapshot: Snapshot
  ) throws(Problem) -> [UInt8] {
    if let item = query.first {
      throw Problem(status: 400, detail: "\"\(item.name)\": this route has no parameters")
    }
    return SystemText.make(
      snapshot, run, recorder.value, fleet.value,
      .init(requests: counts.now, streams: .init(broadcaster), daemon: daemon.now))
  }

  private func response(
    _ body: Body, _ snapshot: Snapshot, tagSuffix: String, encoding: String
  ) -> Response {
    .make(
      type: "application/json",
      headers: [
        .init("ETag", "\"\(run.tag)-\(snapshot.sequence)\(tagSuffix)\""),
        .init("Cache-Control", "no-cache"), .init("Vary", "Accept-Encoding"),
        .init("Content-Encoding", encoding),
        .init("X-Sequence", "\(snapshot.sequence)"),
        .init("X-Interval-Seconds", Self.seconds(interval / .seconds(1))),
      ] + facts(snapshot), body: body)
  }

  /// What a table does not say itself.
  private func facts(_ snapshot: Snapshot) -> [Response.Header] {
    [
      .init("X-Sampled-At", RFC3339.text(nanosecondsSinceEpoch: snapshot.time.wall)),
      .init("X-Window-Seconds", Self.seconds(snapshot.window)),
      .init("X-Cpu-Count", "\(snapshot.cpuCount)"),
      .init("X-Hostname", run.hostName),
    ]
  }

  /// Two decimals; empty, and so left out, when there is no value.
  private static func seconds(_ value: Double?) -> String {
    value.map { "\($0.rounded(places: 2))" } ?? ""
  }
}

extension Double {
  /// The nearest number with so many decimals.
  func rounded(places: Int) -> Double {
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    return (self * scale).rounded() / scale
  }
}
