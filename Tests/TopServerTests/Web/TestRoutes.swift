import Linux
import Logging
import MicroHTTPD
import TestSupport

@testable import TopServer

extension AnswerDesk<AnswerEncoder> {
  /// The answers after two samples of one process.
  static var test: AnswerDesk {
    .test(
      PreparedAnswers.test([.at(1000, [Process()]), .at(1001, [Process(user: 3)])]).snapshot, .test)
  }
}

extension Routes {
  /// Every route, with pages that are empty.
  static func test() throws -> Routes {
    let folder = try TemporaryFolder()
    for name in StaticFiles.required { try folder.write("", to: name) }
    return try .test(.test, files: StaticFiles(folder: folder.path))
  }

  /// Every route, on top of an empty fleet, no rules and a recorder that is switched off.
  ///
  /// The newest sample is taken to be 1.5 seconds old when its monotonic time is 1001.
  static func test(
    _ answers: AnswerDesk<AnswerEncoder>, isStopping: Latest<Bool> = Latest(false),
    counts: RequestCounts = RequestCounts(), files: StaticFiles
  ) throws -> Routes {
    let questions = PastQuestions(.test, counts: counts.questions)
    let hub = Hub(at: .now())
    return Routes(
      cpuUsage: DocumentRoute(document: .cpuUsage, desk: answers),
      system: DocumentRoute(document: .system, desk: answers),
      pastTable: PastTableRoute(questions: questions, encoder: .test, window: .seconds(60)),
      history: HistoryRoute(questions: questions),
      explain: ExplainRoute(questions: questions, userNames: AnswerEncoder.test.userNames),
      processHistory: ProcessHistoryRoute(questions: questions),
      getStats: GetStatsRoute(desk: answers, questions: questions, serviceStart: 0),
      recorder: RecorderRoutes(recorder: .test),
      alerts: AlertsRoute(
        report: Latest(
          AlertReport(
            AlertBook(rules: [], interval: .seconds(1), memory: AlertMemory(), at: .now()),
            at: .now())), webhook: nil, pool: .test),
      hosts: DocumentRoute(
        document: .hosts, desk: .test(.test([]), FleetEncoder.test)),
      agents: AgentRoute(
        admission: AgentAdmission(token: nil, listening: "127.0.0.1"), hub: hub,
        sockets: try HubSockets(hub, logger: Logger(label: "test"))),
      events: EventRoute(
        feed: EventFeed(recorder: Recorder.test.state, broadcaster: Broadcaster())),
      health: HealthRoutes(
        desk: answers, interval: .seconds(1), isStopping: isStopping, now: { 1_002_500_000_000 }),
      files: files, counts: counts)
  }
}
