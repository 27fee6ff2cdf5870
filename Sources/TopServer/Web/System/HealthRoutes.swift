import Jansson
import Linux
import MicroHTTPD
import ProcFS

/// The liveness and readiness of the server.
struct HealthRoutes: Sendable {
  let desk: AnswerDesk<AnswerEncoder>
  /// The intended interval of sweeps.
  let interval: Duration
  /// Whether the server is about to stop.
  let isStopping: Latest<Bool>
  /// Nanoseconds on the monotonic clock.
  var now: @Sendable () -> Int64 = Instant.monotonicNow

  /// `/livez`: any answer means that the server is alive.
  func live(_ request: borrowing Request) -> Reply {
    Reply(Self.alive)
  }

  /// `/readyz`: 503 when the newest sample is older than three intervals.
  func ready(_ request: borrowing Request) -> Reply {
    let snapshot = desk.source
    let age = Double(now() - snapshot.time.monotonic) / 1e9
    if isStopping.value {
      return Reply(Problem(status: 503, detail: "the server is about to stop").response())
    }
    let seconds = interval / .seconds(1)
    guard age <= 3 * seconds else {
      let detail =
        "the newest sample is \(age.rounded(places: 2)) s old; a new one is due every \(seconds.rounded(places: 2)) s"
      return Reply(Problem(status: 503, detail: detail).response())
    }
    let body = JSONValue.object([
      .init("status", .string("ok")),
      .init("sequence", .integer(Int64(snapshot.sequence))),
      .init("sample_age_seconds", .real(age.rounded(places: 2))),
      .init(
        "skipped_processes",
        .object([
          .init("unreadable", .integer(Int64(snapshot.skipped.unreadable))),
          .init("malformed", .integer(Int64(snapshot.skipped.malformed))),
        ])),
    ])
    return Reply(.fresh(body.encoded() + [0x0A]))
  }

  private static let alive = Response.fresh(
    JSONValue.object([.init("status", .string("ok"))]).encoded() + [0x0A])
}
