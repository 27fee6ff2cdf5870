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
            // The others would wait for this one.
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

  /// The time until the end, or `nil` when it has passed.
  private static func left(of turn: Duration, since line: StartingLine) -> Duration? {
    guard let start = line.start else { return turn }
    let left = turn - .nanoseconds(Stopwatch(start: start).elapsed)
    return left > .zero ? left : nil
  }

  private static var ownCPUSeconds: Double {
    Double(ProcessClock.nanoseconds(of: Machine.ownPID) ?? 0) / 1e9
  }
}
