import Curl
import Linux

/// One turn: the clients ask one target for a while, each on a thread of its own.
struct LoadRun: Sendable {
  let plan: LoadPlan
  let target: LoadTarget

  /// What one turn gave.
  struct Outcome: Sendable {
    var tally: Tally
    /// What the server said of itself meanwhile.
    var server: [ServerRecord.Sample] = []
    /// CPU time of our own, in seconds.
    var ownCPUSeconds = 0.0
    /// The signal that ended it before its time.
    var signal: String?
  }

  /// - Parameter report: Is told several times a second how many were answered and how many failed until now.
  func measure(_ report: (_ answers: Int, _ failures: Int) -> Void) async throws -> Outcome {
    // Time for all threads to be there.
    let start = Instant.monotonicNow() + 20_000_000
    let end = start + plan.turn.nanoseconds
    let stop = StopSign()
    let progress = (0..<plan.clients).map { _ in ClientProgress() }
    let cpuBefore = Self.ownCPUSeconds
    let (plan, target) = (plan, target)

    return try await withThrowingTaskGroup(of: Result<Tally, CurlError>.self) { group in
      for (index, progress) in progress.enumerated() {
        let client = LoadClient(
          plan: plan, target: target, index: index, start: start, stop: stop, progress: progress)
        group.addTask { try await DetachedThread.value(named: "client \(index)") { client.run() } }
      }
      async let server = DetachedThread.value(named: "watch") {
        ServerWatch(target).follow(from: start, until: stop)
      }

      var outcome = Outcome(tally: Tally(slices: plan.slicesPerTurn))
      while outcome.signal == nil, case let left = end - Instant.monotonicNow(), left > 0 {
        outcome.signal = await TerminationSignals.next(
          within: .nanoseconds(min(left, 100_000_000)))
        report(
          progress.reduce(0) { $0 + $1.answers },
          progress.reduce(0) { $0 + $1.failures })
      }
      stop.raise()
      for try await tally in group { outcome.tally.join(try tally.get()) }
      outcome.ownCPUSeconds = Self.ownCPUSeconds - cpuBefore
      outcome.server = try await server
      return outcome
    }
  }

  private static var ownCPUSeconds: Double {
    Double(ProcessClock.nanoseconds(of: Host.ownPID) ?? 0) / 1e9
  }
}
