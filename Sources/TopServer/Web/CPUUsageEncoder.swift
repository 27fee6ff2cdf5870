import Deflate
import Jansson
import Linux
import MicroHTTPD

/// Turns a snapshot into the text of /cpu_usage.
struct CPUUsageEncoder: Sendable {
  let userNames: UserNames
  /// Tells the snapshots of this run of the server from those of any other, for the ETag.
  let run: RunIdentity

  /// The JSON array, one process to a line so that line-based tools can read it too.
  func text(_ query: CPUUsageQuery, _ snapshot: Snapshot) -> [UInt8] {
    let context = CPUUsageColumn.Context(
      userNames: userNames, fullCPU: query.fullCPU(of: snapshot))
    let rows = query.select(from: snapshot, userNames: userNames)
    var text: [UInt8] = [UInt8(ascii: "[")]
    text.reserveCapacity(rows.count * 90 + 8)
    var separator = Array("\n".utf8)
    for row in rows {
      let members = query.columns.map { JSONValue.Member($0.rawValue, $0.value(of: row, context)) }
      text += separator
      text += JSONValue.object(members).encoded()
      separator = Array(",\n".utf8)
    }
    text += "\n]\n".utf8
    return text
  }

  /// The same as a response, ready to be sent.
  func response(_ query: CPUUsageQuery, _ snapshot: Snapshot) -> Response {
    response(text(query, snapshot), snapshot, tagSuffix: "", encoding: "")
  }

  /// The compressed form of a response of this encoder, or `nil` when there was no memory for it.
  func gzipped(_ plain: Response, _ snapshot: Snapshot) -> Response? {
    // Level 1 beyond some thousand processes: level 6 would take longer than the sweep.
    let body = plain.body
    guard let zipped = Gzip.compress(body, level: body.count > 100_000 ? 1 : 6) else { return nil }
    return response(zipped, snapshot, tagSuffix: "-gzip", encoding: "gzip")
  }

  private func response(
    _ body: [UInt8], _ snapshot: Snapshot, tagSuffix: String, encoding: String
  ) -> Response {
    .make(
      type: "application/json",
      headers: [
        .init("ETag", "\"\(run.tag)-\(snapshot.sequence)\(tagSuffix)\""),
        .init("Cache-Control", "no-cache"), .init("Vary", "Accept-Encoding"),
        .init("Content-Encoding", encoding),
        .init("X-Sequence", "\(snapshot.sequence)"),
        .init("X-Sampled-At", RFC3339.text(secondsSinceEpoch: Double(snapshot.time.wall) / 1e9)),
        .init("X-Interval-Seconds", Self.seconds(snapshot.interval)),
        .init("X-Window-Seconds", Self.seconds(snapshot.window)),
        .init("X-Cpu-Count", "\(snapshot.cpuCount)"),
        .init("X-Hostname", run.hostName),
      ], body: body)
  }

  /// Two decimals; empty, and so left out, when there is no value.
  private static func seconds(_ value: Double?) -> String {
    value.map { "\(($0 * 100).rounded() / 100)" } ?? ""
  }
}
