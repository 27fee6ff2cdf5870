import Curl
import Linux

/// Queries a server about itself on a separate connection.
///
/// It blocks its thread.
struct ServerWatch: Sendable {
  let url: String

  init(_ target: LoadTarget) {
    url = target.origin + "/system"
  }

  /// The facts of a sample taken `samples` samples after this call.
  ///
  /// Its counts include all requests answered before the call. After two samples, its CPU use includes nothing from
  /// before the call.
  ///
  /// - Returns: `nil` if the server is not Top-Server, or takes no new sample for five seconds.
  func facts(afterSamples samples: Int64) -> ServerFacts? {
    guard let curl, let first = ask(curl) else { return nil }
    let end = Instant.monotonicNow() + 5_000_000_000
    while Instant.monotonicNow() < end {
      guard let facts = ask(curl) else { return nil }
      // A restarted server counts from 1.
      if facts.sequence >= first.sequence + samples || facts.sequence < first.sequence {
        return facts
      }
      Instant.sleep(untilMonotonic: Instant.monotonicNow() + 100_000_000)
    }
    return nil
  }

  /// The facts of all samples taken entirely between the start and the stop.
  func follow(from line: StartingLine, until stop: StopSign) -> [ServerRecord.Sample] {
    let watch = line.wait(unless: stop)
    guard let curl, let first = ask(curl) else { return [] }
    var samples: [ServerRecord.Sample] = []
    while true {
      stop.sleep(until: Instant.monotonicNow() + 250_000_000)
      guard !stop.isUp else { return samples }
      // The interval of the sample after the first started before the load.
      guard let facts = ask(curl), facts.sequence > first.sequence + 1,
        facts.sequence != samples.last?.facts.sequence
      else { continue }
      samples.append(.init(seconds: Double(watch.elapsed) / 1e9, facts: facts))
    }
  }

  private var curl: CurlHandle? {
    try? CurlHandle(timeout: .seconds(5), userAgent: Version.userAgent)
  }

  private func ask(_ curl: CurlHandle) -> ServerFacts? {
    guard let answer = try? curl.perform(CurlRequest(url), keeping: 1 << 20), answer.status == 200
    else { return nil }
    return ServerFacts(parsing: answer.body)
  }
}
