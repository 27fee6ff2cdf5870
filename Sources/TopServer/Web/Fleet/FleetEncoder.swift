import Deflate
import Jansson
import Linux
import MicroHTTPD

/// A document made from the fleet.
enum FleetDocument: Hashable, Sendable {
  case hosts
}

/// Encodes a picture of the fleet as `/hosts`.
struct FleetEncoder: AnswerMaker {
  /// Distinguishes this run of the server from others in the ETag.
  let run: RunIdentity

  struct Plain: PlainAnswer {
    let response: Response

    var size: Int { response.body.count }
  }

  func question(
    _ document: FleetDocument, _ query: [RequestTarget.QueryItem]
  ) throws(Problem) -> FleetQuery {
    try FleetQuery(query)
  }

  /// No reuse between queries: ``FleetPicture`` shares the text of hosts.
  func kin(of query: FleetQuery) -> FleetDocument? { nil }

  func work(for query: FleetQuery, _ picture: FleetPicture) -> Int {
    query.work(for: picture.scene)
  }

  func plain(_ query: FleetQuery, _ picture: FleetPicture, after before: Plain?) -> Plain {
    Plain(response: response(Self.body(query, picture), picture.scene, tagSuffix: "", encoding: ""))
  }

  func isOutdated(_ plain: Plain) -> Bool { false }

  func gzipped(_ plain: Plain, _ picture: FleetPicture) -> Response? {
    let body = plain.response.body.bytes
    guard let zipped = Gzip.compress(body, level: body.count > 100_000 ? 1 : 6) else { return nil }
    return response(Body(zipped), picture.scene, tagSuffix: "-gzip", encoding: "gzip")
  }

  private func response(
    _ body: Body, _ scene: FleetScene, tagSuffix: String, encoding: String
  ) -> Response {
    .make(
      type: "application/json",
      headers: [
        .init("ETag", "\"\(run.tag)-hosts-\(scene.sequence)\(tagSuffix)\""),
        .init("Cache-Control", "no-cache"), .init("Vary", "Accept-Encoding"),
        .init("Content-Encoding", encoding),
        .init("X-Sampled-At", RFC3339.text(nanosecondsSinceEpoch: scene.time.wall)),
      ], body: body)
  }

  private static func body(_ query: FleetQuery, _ picture: FleetPicture) -> Body {
    let scene = picture.scene
    // Encoding a few members is less work than making the text of all.
    let text = query.fields == nil ? picture.text : nil
    let (places, matched) = query.select(from: scene)
    var body = BodyBuilder(capacity: places.count * (text == nil ? 400 : 1200) + 1024)
    var head = JSONValue.object(head(scene, matched)).encoded()
    head.removeLast()
    body.append(head)
    body.append(",\"hosts\":[")
    for (position, place) in places.enumerated() {
      body.append(position > 0 ? ",\n" : "\n")
      let host = scene.hosts[place]
      if let text {
        body.append(text.range(at: place), of: text.body)
        let age = host.age(at: scene.time.sinceBoot).rounded(places: 2)
        body.append(Array(",\"age_seconds\":\(age)".utf8))
      } else {
        body.append(
          FleetText.make(
            host, query.fields ?? [], scene.alerts[host.name] ?? [], at: scene.time.sinceBoot))
      }
      body.append("}")
    }
    body.append("\n]}\n")
    return body.finish()
  }

  private static func head(_ scene: FleetScene, _ matched: Int) -> [JSONValue.Member] {
    var counts: [FleetHost.State: Int64] = [:]
    for host in scene.hosts { counts[host.state, default: 0] += 1 }
    return [
      .init("sampled_at", .string(RFC3339.text(nanosecondsSinceEpoch: scene.time.wall))),
      .init("hosts_total", .integer(Int64(scene.hosts.count))),
      .init("hosts_matched", .integer(Int64(matched))),
      .init("live", .integer(counts[.live] ?? 0)), .init("stale", .integer(counts[.stale] ?? 0)),
      .init("lost", .integer(counts[.lost] ?? 0)),
    ]
  }
}
