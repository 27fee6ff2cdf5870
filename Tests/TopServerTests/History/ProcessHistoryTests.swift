import ProcFS
import Testing

@testable import TopServer

@Suite struct ProcessHistoryTests {
  private let start: Int64 = 1_700_000_000_000

  private func history(_ from: Int64, _ to: Int64, _ recording: Recording) throws -> ProcessHistory
  {
    try ProcessHistory(from: start + from * 1000, to: start + to * 1000, recording.all) {
      recording.known[$0]
    }
  }

  /// `steady` uses a tenth of a CPU; `spike` starts after five seconds, uses half a CPU, and exits.
  private func recording() -> Recording {
    var recording = Recording()
    var window = Window.test()
    for second in 0..<20 {
      var processes = [Process(pid: 1), Process(pid: 2, name: "steady", user: UInt64(second) * 10)]
      if (5..<10).contains(second) {
        processes.append(
          Process(pid: 3, start: 450, name: "spike", user: UInt64(second - 4) * 50))
      }
      recording.add(window.add(.at(Double(second), processes)))
    }
    return recording
  }

  @Test func eachProcessHasAValueAtEveryPoint() throws {
    let history = try history(2, 12, recording())
    #expect(history.times == (3...12).map { start + $0 * 1000 })
    #expect(history.trails.map(\.process.name) == ["spike", "steady"])
    #expect(
      history.trails[1].shares.map { $0?.rounded(places: 2) } == Array(repeating: 0.1, count: 10))
    #expect(history.trails[1].total.rounded(places: 2) == 1)
  }

  @Test func theLimitKeepsTheTotalCount() throws {
    let recording = recording()
    let one = try ProcessHistory(
      from: start + 2000, to: start + 12_000, limit: 1, recording.all
    ) { recording.known[$0] }
    #expect(one.trails.map(\.process.name) == ["spike"])
    #expect(one.processCount == 2)
  }

  @Test func anAbsentProcessHasNoValue() throws {
    let shares = try history(2, 12, recording()).trails[0].shares.map { $0?.rounded(places: 2) }
    #expect(shares == [nil, nil, 0.5, 0.5, 0.5, 0.5, 0.5, nil, nil, nil])
  }

  @Test func anIdleProcessIsLeftOut() throws {
    #expect(try history(11, 15, recording()).trails.map(\.process.name) == ["steady"])
    #expect(try history(500, 600, recording()).times.isEmpty)
  }

  @Test func aProcessWithSeveralNamesIsOne() throws {
    var recording = Recording()
    var window = Window.test()
    for second in 0..<10 {
      let worker = Process(pid: 2, name: second < 5 ? "sh" : "worker", user: UInt64(second) * 10)
      recording.add(window.add(.at(Double(second), [worker])))
    }
    let trails = try history(0, 9, recording).trails
    #expect(trails.map(\.process.name) == ["worker"])
    #expect(trails[0].shares.map { $0?.rounded(places: 2) } == Array(repeating: 0.1, count: 9))
  }

  @Test func theFirstSampleHasNoValue() throws {
    #expect(try history(-1, 1, recording()).trails[0].shares.first == .some(nil))
  }
}
