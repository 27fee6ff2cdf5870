import Curl
import Linux

/// Asks a server about itself, on a connection of its own; blocks its thread.
struct ServerWatch: Sendable {
  let url: String

  init(_ target: LoadTarget) {
    url = target.origin + "/system"
  }

  /// Its facts by a sample that was taken so many samples after this call.
  ///
  /// A count in it holds all that was answered before the call; after two samples, its CPU use holds nothing of what was
  /// before.
  ///
  /// - Returns: `nil` when the server is no Top-Server, or takes no new sample for five seconds.
  func facts(afterSamples samples: Int64) -> ServerFacts? {
    guard let curl, let first = ask(curl) else { return nil }
    let end = Instant.monotonicNow() + 5_000_000_000
    while Instant.monotonicNow() < end {
      guard let facts = ask(curl) else { return nil }
      // A server that was started anew counts from 1.
      if facts.sequence >= first.sequence + samples || facts.sequence < first.sequence {
        return facts
      }
      Instant.sleep(untilMonotonic: Instant.monotonicNow() + 100_000_000)
    }
    return nil
  }

  /// The facts by all samples that were taken entirely between the start and the sign that goes up.
  func follow(from line: StartingLine, until stop: StopSign) -> [ServerRecord.Sample] {
    let watch = line.wait(unless: stop)
    guard let curl, let first = ask(curl) else { return [] }
    var samples: [ServerRecord.Sample] = []
    while true {
      stop.sleep(until: Instant.monotonicNow() + 250_000_000)
      guard !stop.isUp else { return samples }
      // The interval of the sample after the first had begun before us.
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
