import Linux
import Logging
import Synchronization
import TestSupport
import Testing

@testable import TopServer

@Suite struct AgentTests {
  private let lines = RecordingLog.Lines()
  private let clock = HurriedClock()
  private let agent: Agent

  init() { agent = Agent(logger: lines.logger) }

  private var log: [String] { lines.all.withLock { $0 } }

  private func enqueue(_ numbers: ClosedRange<UInt64>) {
    for number in numbers {
      agent.enqueue(
        HostSample(host: "web-1", run: "r1", sequence: number, time: 0),
        taken: Instant.now().sinceBoot)
    }
  }

  /// Connects the agent to one hub after the other, and stops it after the last.
  private func meet(_ hubs: [Result<ScriptedHub, HubTrouble>]) async {
    let rest = Mutex(hubs[...])
    await agent.run(clock: clock, random: { 1 }) { () throws(HubTrouble) in
      guard let next = rest.withLock({ $0.popFirst() }) else {
        agent.stop()
        throw .passing("the test is over")
      }
      return try next.get()
    }
  }

  @Test func afterALossTheAgentReconnectsAndResendsUnstoredSamples() async {
    enqueue(1...5)
    let first = ScriptedHub([.answer(5, stored: 2), .does { enqueue(6...8) }])
    let second = ScriptedHub([.answer(8, stored: 8)])
    await meet([.success(first), .success(second)])
    #expect(first.sent == [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(second.sent == [3, 4, 5, 6, 7, 8])
    #expect(log.filter { $0 == "notice: connected" }.count == 2)
    #expect(log.contains { $0.hasPrefix("warning: lost the hub: the script is over") })
    #expect(clock.slept.prefix(2) == [.seconds(0.5), .seconds(0.5)])
  }

  @Test func samplesOfAnOutageAreSentLateAndCounted() async {
    enqueue(1...1)
    let early = ScriptedHub([.answer(1, stored: 0)])
    let middle = ScriptedHub([
      .does { enqueue(2...30) }, .answer(30, stored: 0), .does { enqueue(31...40) },
    ])
    let silent = ScriptedHub([])
    let patient = ScriptedHub([.answer(32, stored: 0), .answer(40, stored: 0)])
    await meet([
      .success(early), .failure(.passing("connection refused")),
      .failure(.passing("connection refused")), .success(middle), .success(silent),
      .success(patient),
    ])
    #expect(silent.sent == Array(1...32), "no more than a hub may have unanswered")
    #expect(patient.sent == Array(1...40))
    #expect(log.filter { $0.contains("connection refused") }.count == 1, "logged once")
    #expect(log.contains("notice: 9 samples were sent late"))
  }

  @Test func aHubThatClosesEachConnectionAtOnceIsLoggedOnce() async {
    await meet((0..<3).map { _ in .success(ScriptedHub([])) })
    #expect(
      log == [
        "warning: no connection to the hub: the script is over; trying again",
        "warning: no connection to the hub: the test is over; trying again",
      ])
  }

  @Test func waitsGrowUntilAHubAnswers() async {
    let silent = ScriptedHub([])
    await meet([.failure(.passing("a")), .failure(.passing("a")), .success(silent)])
    #expect(clock.slept == [0.5, 1, 2, 4].map { .seconds($0) })
  }

  @Test func aFailureThatAnOperatorMustFixIsRetriedRarely() async {
    let trouble = HubTrouble.lasting("it does not accept our token (status 401)")
    await meet([.failure(trouble), .failure(trouble)])
    #expect(clock.slept.prefix(2) == [.seconds(90), .seconds(90)])
    #expect(log.filter { $0.hasPrefix("error: the hub cannot be used") }.count == 1)
  }

  @Test func anInvalidAnswerIsIgnored() async {
    enqueue(1...2)
    let hub = ScriptedHub([.text("ok\u{7}"), .text("{}"), .answer(2, stored: 2)])
    await meet([.success(hub), .success(ScriptedHub([]))])
    #expect(hub.sent == [1, 2])
    #expect(!log.contains { $0.contains("\u{7}") })
  }

  @Test func aSampleThatDidNotFitIsSentWithTheNextOne() async {
    enqueue(1...3)
    let hub = ScriptedHub([.hasRoom(true), .does { enqueue(4...4) }], hasRoom: false)
    await meet([.success(hub)])
    #expect(hub.sent == [1, 2, 3, 4])
  }

  @Test func droppedSamplesAreLoggedOnceAndSummedUp() async {
    let gone = HubTrouble.passing("connection refused")
    enqueue(1...700)
    let back = ScriptedHub([.answer(101, stored: 0), .does { enqueue(701...701) }])
    await meet([.failure(gone), .failure(gone), .success(back), .success(ScriptedHub([]))])
    let epoch = "1970-01-01T00:00:00.000Z"
    #expect(log.filter { $0.contains("dropping the oldest") }.count == 1)
    #expect(
      log.contains(
        "notice: 100 samples that no hub received were dropped, taken from \(epoch) to \(epoch)"))
    // At its end the agent reports the samples that no hub received.
    #expect(log.last?.hasSuffix("taken from \(epoch) to \(epoch)") == true)
    #expect(log.filter { $0.contains("dropp") }.count == 3)
  }

  @Test func aHubThatRepeatedlyAcceptsAndClosesIsLoggedOnce() async {
    enqueue(1...5)
    await meet((0..<5).map { _ in .success(ScriptedHub([.answer(5, stored: 5)])) })
    #expect(log.filter { $0.hasPrefix("warning: lost the hub") }.count == 1)
    #expect(log.filter { $0 == "notice: connected" }.count == 2)
  }

  @Test func theSameLossIsLoggedAgainAfterAMinute() async {
    enqueue(1...5)
    let answer = ScriptedHub.Step.answer(5, stored: 5)
    await meet([
      .success(ScriptedHub([answer])),
      .success(ScriptedHub([answer, .does { clock.pass(.seconds(59)) }])),
      .success(ScriptedHub([answer])), .success(ScriptedHub([answer])),
    ])
    // At 0, 59.5, 60 and 60.5 seconds.
    #expect(log.filter { $0.hasPrefix("warning: lost the hub") }.count == 2)
  }

  @Test func aStopEndsTheConnection() async {
    let hub = ScriptedHub([.does { agent.stop() }])
    await meet([.success(hub), .success(ScriptedHub([]))])
    #expect(hub.isClosed)
    #expect(clock.slept.isEmpty)
    #expect(log == [])
  }
}

/// A hub that follows a script, and then closes the connection.
private final class ScriptedHub: AgentConnection {
  enum Step: Sendable {
    case answer(UInt64, stored: UInt64)
    case text(String)
    case hasRoom(Bool)
    case does(@Sendable () -> Void)
  }

  private struct State {
    var sent: [UInt64] = []
    var hasRoom: Bool
    var isClosed = false
  }

  private let script: [Step]
  private let state: Mutex<State>

  init(_ script: [Step], hasRoom: Bool = true) {
    self.script = script
    state = Mutex(State(hasRoom: hasRoom))
  }

  /// The numbers of the received samples.
  var sent: [UInt64] { state.withLock { $0.sent } }
  var isClosed: Bool { state.withLock { $0.isClosed } }

  func send(_ text: [UInt8]) -> Bool {
    let message = try? AgentMessage(parsing: text)
    return state.withLock { state in
      guard state.hasRoom, let message else { return false }
      state.sent.append(message.sample.sequence)
      return true
    }
  }

  func close() { state.withLock { $0.isClosed = true } }

  func run(_ onText: ([UInt8]) -> Void) -> String {
    for step in script {
      switch step {
      case .answer(let number, let stored):
        onText(Acknowledgement(sequence: number, stored: stored).encoded())
      case .text(let text): onText(Array(text.utf8))
      case .hasRoom(let hasRoom): state.withLock { $0.hasRoom = hasRoom }
      case .does(let body): body()
      }
    }
    return "the script is over"
  }
}

/// A clock that moves only when the test moves it, or by the length of each sleep, which ends at once.
private final class HurriedClock: Clock {
  typealias Instant = ManualClock.Instant

  private struct State {
    var slept: [Duration] = []
    var passed = Duration.zero
  }

  private let state = Mutex(State())

  /// The length of each sleep.
  var slept: [Duration] { state.withLock { $0.slept } }
  var now: Instant { Instant(offset: state.withLock { $0.passed }) }
  var minimumResolution: Duration { .nanoseconds(1) }

  func sleep(until deadline: Instant, tolerance: Duration?) async throws {
    let wait = now.duration(to: deadline)
    state.withLock { $0.slept.append(wait) }
    pass(wait)
  }

  func pass(_ time: Duration) { state.withLock { $0.passed += time } }
}
