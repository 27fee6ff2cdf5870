import Curl
import Linux

/// Measures everything for a load report: it checks the targets, runs the turns, and queries the servers about
/// themselves.
struct LoadSession: Sendable {
  let plan: LoadPlan

  /// The measurements of one target.
  struct Outcome: Sendable {
    var target: LoadTarget
    var tally = Tally(slices: 0)
    var server = ServerRecord()
    /// The CPU time of the clients in seconds.
    var clientCPUSeconds = 0.0

    /// The server's CPU time per answer in seconds, including its sampling.
    ///
    /// `nil` if the server does not report its CPU use, or if it stopped during the run: then the mean does not cover
    /// the whole time.
    var cpuPerRequest: Double? {
      guard let percent = server.meanCPUPercent, server.after != nil, tally.answers > 0 else {
        return nil
      }
      return percent / 100 * tally.seconds / Double(tally.answers)
    }

    mutating func append(_ turn: LoadRun.Outcome) {
      let earlier = tally.seconds
      server.during += turn.server.map {
        .init(seconds: earlier + $0.seconds, facts: $0.facts)
      }
      tally.append(turn.tally)
      clientCPUSeconds += turn.ownCPUSeconds
    }
  }

  /// Requests each URL once, to report mistakes before any load is made.
  func check() async throws {
    let plan = plan
    try await DetachedThread.value(named: "check") { Result { try Self.checkAll(plan) } }.get()
  }

  /// - Returns: The measurements of each target, and the signal that ended the session early.
  func measure() async throws -> (outcomes: [Outcome], signal: String?) {
    var outcomes = plan.targets.map { Outcome(target: $0) }
    for index in outcomes.indices {
      outcomes[index].server.before = try await Self.facts(plan.targets[index], afterSamples: 1)
    }
    var progress = ProgressLine(total: plan.duration * plan.targets.count)
    var signal: String?
    turns: for _ in 0..<plan.turns {
      for index in outcomes.indices {
        let outcome = try await LoadRun(plan: plan, target: plan.targets[index]).measure {
          progress.update(answers: $0, failures: $1)
        }
        progress.endTurn()
        outcomes[index].append(outcome)
        signal = outcome.signal
        if signal != nil { break turns }
      }
    }
    progress.end()
    for index in outcomes.indices {
      outcomes[index].server.after = try await Self.facts(plan.targets[index], afterSamples: 2)
    }
    return (outcomes, signal)
  }

  private static func facts(
    _ target: LoadTarget, afterSamples samples: Int64
  ) async throws -> ServerFacts? {
    try await DetachedThread.value(named: "watch") {
      ServerWatch(target).facts(afterSamples: samples)
    }
  }

  private static func checkAll(_ plan: LoadPlan) throws {
    let curl: CurlHandle
    do {
      curl = try CurlHandle(timeout: plan.timeout, userAgent: Version.userAgent)
    } catch {
      throw Failure("\(error)")
    }
    for url in plan.targets.flatMap(\.urls) {
      let answer: CurlAnswer
      do {
        answer = try curl.perform(CurlRequest(url))
      } catch {
        throw Failure("no answer from \(url): \(error)")
      }
      guard (200..<300).contains(answer.status) else {
        throw Failure("\(url) answers with status \(answer.status); choose a URL that answers 200")
      }
    }
  }
}
