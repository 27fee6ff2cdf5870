import Linux
import Logging
import ProcFS
import Synchronization
import TestSupport
import Testing

@testable import TopServer

/// Returns one prepared result after the other.
private struct ScriptedSource: SampleSource {
  var answers: [Result<Sample, ProcError>]

  mutating func sample() throws -> Sample { try answers.removeFirst().get() }
}

@Suite struct SamplerTests {
  private let clock = ManualClock()
  private let log = RecordingLog.Lines()

  private func makeSampler(_ answers: [Result<Sample, ProcError>]) -> Sampler {
    let lines = log
    let logger = Logger(label: "test") { _ in RecordingLog(lines: lines) }
    return Sampler(source: ScriptedSource(answers: answers), window: .test(), logger: logger)
  }

  /// Runs the sampler for some ticks, and returns the published sequence numbers.
  private func published(_ sampler: Sampler, ticks: Int, step: Duration = .seconds(1)) async
    -> [UInt64]
  {
    let sequences = Latest<[UInt64]>([])
    await withTaskGroup(of: Void.self) { group in
      group.addTask { [clock] in
        try? await sampler.run(every: .seconds(1), clock: clock) { snapshot in
          sequences.publish(sequences.value + [snapshot.sequence])
        }
      }
      for tick in 1...ticks {
        await clock.sleepCalled(times: tick)
        clock.advance(by: step)
      }
      await clock.sleepCalled(times: ticks + 1)
      group.cancelAll()
    }
    return sequences.value
  }

  @Test func eachTickPublishesOneSnapshot() async {
    let sampler = makeSampler((0..<4).map { .success(.at(1000 + Double($0), [Process()])) })
    #expect(await published(sampler, ticks: 4) == [1, 2, 3, 4])
  }

  /// Collects the lag in seconds and the number of skipped samples from each snapshot.
  @Test func theSampleAfterAStallReportsIt() async {
    let sampler = makeSampler((0..<4).map { .success(.at(1000 + Double($0), [Process()])) })
    let told = Latest<[[Double]]>([])
    await withTaskGroup(of: Void.self) { group in
      group.addTask { [clock] in
        try? await sampler.run(every: .seconds(1), clock: clock) { snapshot in
          let cost = snapshot.sweepCost
          told.update { $0.append([cost.lag, Double(cost.skippedTotal)]) }
        }
      }
      for (tick, step) in [1.0, 7.5, 0.5, 1].enumerated() {
        await clock.sleepCalled(times: tick + 1)
        clock.advance(by: .seconds(step))
      }
      await clock.sleepCalled(times: 5)
      group.cancelAll()
    }
    // Due at 1; at 2 to 8, of which 8 is served half a second late; at 9; at 10.
    #expect(told.value == [[0, 0], [6.5, 6], [0, 6], [0, 6]])
  }

  @Test func aFailedSampleIsReportedLikeAStall() async {
    let broken = ProcError.malformed(file: "/proc/stat", field: "btime")
    let sampler = makeSampler([
      .success(.at(1000, [Process()])), .failure(broken), .success(.at(1002, [Process()])),
    ])
    let told = Latest<[[Double]]>([])
    await withTaskGroup(of: Void.self) { group in
      group.addTask { [clock] in
        try? await sampler.run(every: .seconds(1), clock: clock) { snapshot in
          let cost = snapshot.sweepCost
          told.update { $0.append([cost.lag, Double(cost.skippedTotal)]) }
        }
      }
      for tick in 1...3 {
        await clock.sleepCalled(times: tick)
        clock.advance(by: .seconds(1))
      }
      await clock.sleepCalled(times: 4)
      group.cancelAll()
    }
    #expect(told.value == [[0, 0], [1, 1]])
  }

  @Test func aStallIsFollowedByOneSweepAndNoBurst() async {
    let sampler = makeSampler((0..<3).map { .success(.at(1000 + Double($0), [Process()])) })
    #expect(await published(sampler, ticks: 3, step: .seconds(30)) == [1, 2, 3])
  }

  @Test func aFailingTreeIsLoggedOnceAndSamplingResumes() async {
    let broken = ProcError.malformed(file: "/proc/stat", field: "btime")
    let sampler = makeSampler([
      .success(.at(1000, [Process()])), .failure(broken), .failure(broken),
      .success(.at(1003, [Process()])),
    ])
    #expect(await published(sampler, ticks: 4) == [1, 2])
    #expect(
      log.all.withLock { $0 } == [
        "error: cannot sample: /proc/stat: no valid btime", "notice: sampling works again",
      ])
  }

  @Test func unreadableProcessesAreLoggedAtTheBeginningAndTheEnd() async throws {
    let folder = try TemporaryFolder()
    try folder.write("cpu 1 2 3 4\ncpu0 1\nbtime 5\n", to: "stat")
    try folder.write("7 (x", to: "7/stat")
    let procfs = try ProcFS(root: folder.path)
    let lines = log
    let logger = Logger(label: "test") { _ in RecordingLog(lines: lines) }
    let sampler = Sampler(
      source: ProcSampleSource(procfs, interval: .seconds(1)), window: .test(), logger: logger)
    #expect(try await sampler.sweep().skipped.malformed == 1)
    _ = try await sampler.sweep()
    try folder.remove("7")
    _ = try await sampler.sweep()
    #expect(
      log.all.withLock { $0 } == [
        "notice: 1 processes could not be read, for example \(folder.path)/7/stat: no valid comm",
        "notice: all processes can be read again",
      ])
  }
}
