import Linux

/// One turn: the clients query one target for a while, each on its own thread.
struct LoadRun: Sendable {
  let plan: LoadPlan
  let target: LoadTarget

  /// The results of a turn.
  struct Outcome: Sendable {
    var tally: Tally
    /// The server's facts during the turn.
    var server: [ServerRecord.Sample] = []
    /// The CPU time of this process in seconds.
    var ownCPUSeconds = 0.0
    /// The signal that ended the turn early.
    var signal: String?
  }

  /// - Parameter report: Called several times a second with the number of answers and failures so far.
  func measure(_ report: (_ answers: Int, _ failures: Int) -> Void) async throws -> Outcome {
    let (line, stop) = (StartingLine(clients: plan.clients), StopSign())
    let progress = (0..<plan.clients).map { _ in ClientProgress() }
    let cpuBefore = Self.ownCPUSeconds
    let (plan, target) = (plan, target)

    return try await withThrowingTaskGroup(of: Tally.self) { group in
      for (index, progress) in progress.enumerated() {
        let client = LoadClient(
          plan: plan, target: target, index: index, line: line, stop: stop, progress: progress)
        group.addTask {
          do {
            return try await DetachedThread.value(named: "client \(index)") { client.run() }.get()
          } catch {
            // The other clients would wait for this one.
            stop.raise()
            throw error
          }
        }
      }
      async let server = DetachedThread.value(named: "watch") {
        ServerWatch(target).follow(from: line, until: stop)
      }

      var outcome = Outcome(tally: Tally(slices: plan.slicesPerTurn))
      while outcome.signal == nil, !stop.isUp, let left = Self.left(of: plan.turn, since: line) {
        outcome.signal = await TerminationSignals.next(within: min(left, .milliseconds(100)))
        report(
          progress.reduce(0) { $0 + $1.answers },
          progress.reduce(0) { $0 + $1.failures })
      }
      stop.raise()
      for try await tally in group { outcome.tally.join(tally) }
      outcome.ownCPUSeconds = Self.ownCPUSeconds - cpuBefore
      outcome.server = try await server
      return outcome
    }
  }

  /// The time until the end, or `nil` if it has passed.
  private static func left(of turn: Duration, since line: StartingLine) -> Duration? {
    guard let start = line.start else { return turn }
    let left = turn - .nanoseconds(Stopwatch(start: start).elapsed)
    return left > .zero ? left : nil
  }

  private static var ownCPUSeconds: Double {
    Double(ProcessClock.nanoseconds(of: Machine.ownPID) ?? 0) / 1e9
  }
}
