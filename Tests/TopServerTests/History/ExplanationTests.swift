import ProcFS
import Testing

@testable import TopServer

@Suite struct ExplanationTests {
  private let start: Int64 = 1_700_000_000_000

  /// Two minutes: `steady` works all the time; `spike` starts after a minute, works, and exits.
  private func recording() -> Recording {
    var recording = Recording()
    var window = Window.test()
    for second in 0..<120 {
      var processes = [Process(pid: 1), Process(pid: 2, name: "steady", user: UInt64(second) * 10)]
      var busy = UInt64(second) * 10
      if second >= 70 {
        let worked = UInt64(min(second, 100) - 70) * 90 + 45
        if second < 100 {
          processes.append(Process(pid: 3, start: 6_950, name: "spike", user: worked))
        }
        busy += worked
      }
      recording.add(window.add(.at(Double(second), busy: busy, processes)))
    }
    return recording
  }

  private func explain(_ from: Int64, _ to: Int64, _ recording: Recording) throws -> Explanation {
    try Explanation(from: start + from * 1000, to: start + to * 1000, recording.all) {
      recording.known[$0]
    }
  }

  @Test func suspectsAreInDescendingOrderOfUse() throws {
    let explanation = try explain(60, 119, recording())
    #expect(explanation.suspects.map(\.process.name) == ["spike", "steady"])
    let spike = explanation.suspects[0]
    #expect(spike.total.rounded(places: 2) == 26.55)
    #expect(spike.before == 0)
    #expect(spike.isNew && spike.hasEnded)
    let steady = explanation.suspects[1]
    #expect(steady.total.rounded(places: 2) == 5.9)
    #expect(steady.before.rounded(places: 2) == 5.9)
    #expect(!steady.isNew && !steady.hasEnded)
    #expect(explanation.measuredSeconds == 59)
    #expect(explanation.measuredSecondsBefore == 59)
  }

  @Test func theLimitKeepsTheTotalCount() throws {
    let recording = recording()
    let one = try Explanation(
      from: start + 60_000, to: start + 119_000, limit: 1, recording.all
    ) { recording.known[$0] }
    #expect(one.suspects.map(\.process.name) == ["spike"])
    #expect(one.processCount == 2)
  }

  @Test func aProcessWithAlternatingNamesIsNotNew() throws {
    var recording = Recording()
    var window = Window.test()
    for second in 0..<120 {
      let worker = Process(
        pid: 2, name: ["a", "b"][second / 5 % 2], user: UInt64(second) * 10)
      recording.add(window.add(.at(Double(second), busy: UInt64(second) * 10, [worker])))
    }
    let explanation = try explain(60, 119, recording)
    #expect(explanation.suspects.count == 1)
    #expect(explanation.suspects[0].total.rounded(places: 2) == 5.9)
    #expect(!explanation.suspects[0].isNew && !explanation.suspects[0].hasEnded)
  }

  @Test func theExplanationHasBusyTimeAndCoverage() throws {
    let explanation = try explain(0, 60, recording())
    #expect(explanation.busySeconds?.rounded(places: 2) == 6)
    #expect(explanation.coverage?.rounded(places: 2) == 1)
  }

  @Test func aRangeWithoutSamplesHasNoValues() throws {
    let explanation = try explain(500, 600, recording())
    #expect(explanation.measuredSeconds == 0)
    #expect(explanation.busySeconds == nil)
    #expect(explanation.suspects.isEmpty)
  }

  @Test func aRenamedProcessKeepsItsPast() throws {
    var recording = Recording()
    var window = Window.test()
    for second in 0..<40 {
      recording.add(
        window.add(
          .at(
            Double(second),
            [Process(pid: 2, name: second < 20 ? "sh" : "worker", user: UInt64(second) * 10)])))
    }
    let explanation = try explain(10, 30, recording)
    #expect(explanation.suspects.map(\.process.name) == ["worker"])
    #expect(explanation.suspects[0].total.rounded(places: 2) == 2)
    #expect(!explanation.suspects[0].isNew)
    #expect(!explanation.suspects[0].hasEnded)
  }
}
