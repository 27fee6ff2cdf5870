import Linux
import Logging
import MicroHTTPD

/// Answers requests: prepares answers to each snapshot, tells the readers of `/events`, and runs the HTTP server.
struct HTTPService: Sendable {
  let events: EventFeed
  /// True once the server is about to stop.
  let isStopping = Latest(false)
  /// Host and port as they stand in a URL.
  let authority: String
  private let desk: AnswerDesk<AnswerEncoder>
  private let daemon: Daemon

  /// Begins to answer.
  ///
  /// - Parameter first: What is answered until ``publish(_:)``.
  /// - Throws: When libmicrohttpd cannot start its threads.
  init(
    _ settings: Settings, _ inputs: ServeInputs, _ configuration: DaemonConfiguration,
    _ first: Snapshot, pool: AnswerPool, sampling: SamplingService, recording: RecordingService,
    alerts: AlertService, fleet: FleetService
  ) throws {
    let counts = RequestCounts()
    // A minute of samples, and as much about the fleet.
    let broadcaster = Broadcaster(capacity: 128)
    let recorder = recording.recorder
    let encoder = AnswerEncoder(
      userNames: sampling.userNames, run: inputs.run, interval: settings.interval,
      recorder: recorder.state, fleet: fleet.status, counts: counts, broadcaster: broadcaster,
      daemon: configuration.counts)
    desk = AnswerDesk(first, encoder, pool: pool, interval: settings.interval)
    events = EventFeed(recorder: recorder.state, broadcaster: broadcaster)
    let questions = PastQuestions(
      recorder, hostName: inputs.run.hostName, counts: counts.questions)
    let routes = Routes(
      cpuUsage: DocumentRoute(document: .cpuUsage, desk: desk),
      system: DocumentRoute(document: .system, desk: desk),
      pastTable: PastTableRoute(questions: questions, encoder: encoder, window: settings.window),
      history: HistoryRoute(questions: questions),
      explain: ExplainRoute(questions: questions, userNames: sampling.userNames),
      processHistory: ProcessHistoryRoute(questions: questions),
      getStats: GetStatsRoute(desk: desk, questions: questions, serviceStart: first.time.wall),
      recorder: RecorderRoutes(recorder: recorder),
      alerts: AlertsRoute(
        report: alerts.keeper.latest, webhook: alerts.webhook?.state, pool: pool),
      hosts: DocumentRoute(document: .hosts, desk: fleet.desk),
      agents: AgentRoute(
        admission: AgentAdmission(token: inputs.token, listening: settings.host), hub: fleet.hub,
        sockets: fleet.sockets),
      events: EventRoute(feed: events),
      health: HealthRoutes(desk: desk, interval: settings.interval, isStopping: isStopping),
      files: inputs.files, counts: counts)
    daemon = try Daemon(
      socket: inputs.socket, configuration: configuration, handler: routes.answer)
    authority = settings.authority(port: inputs.socket.port)
  }

  /// Answers with a new snapshot from now on.
  func publish(_ snapshot: Snapshot) -> PreparedAnswers<AnswerEncoder> { desk.publish(snapshot) }

  /// Ends slow clients, and keeps streams from falling silent, until it is cancelled.
  func run(clock: some Clock<Duration>) async {
    await SideBySide.run([
      { try await daemon.endSlowClients(clock: clock) },
      { try await events.breakSilence(clock: clock) },
    ])
  }

  /// Finishes the answers under way, within five seconds; the connections of agents count as such.
  func drain(clock: some Clock<Duration>) async {
    await daemon.drain(for: .seconds(5), clock: clock)
  }

  /// Drops what is still being sent; so ``drain(clock:)`` comes before.
  func stop() { daemon.stop() }

  var requestCount: Int { daemon.requestCount }
}

extension Settings {
  fileprivate func authority(port: UInt16) -> String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}

extension DaemonConfiguration {
  /// - Parameter descriptors: How many files may be open.
  init(_ settings: Settings, hostName: String, descriptors: Int, logger: Logger) {
    self.init { Problem.response(to: $0) }
    // A few hundred are left for everything else: without a descriptor nothing can be accepted, read or written.
    let possible = max(64, descriptors - spareConnections - 256)
    if possible < settings.connections {
      logger.notice(
        "only \(possible) of \(settings.connections) connections are possible: this process may open \(descriptors) files (ulimit -Hn, or LimitNOFILE= of its unit)"
      )
    }
    connectionLimit = min(settings.connections, possible)
    connectionLimitPerAddress = settings.connectionsPerAddress
    // More threads than cores only add switches; more than four serve no purpose for a monitor.
    threads = min(max(2, Machine.onlineCPUs), 4)
    headerTimeout = settings.headerTimeout
    let hosts = HostPolicy(hostName: hostName, allowed: settings.allowedHosts)
    allowsHost = { hosts.allows($0) }
    isVital = { $0 == "/livez" || $0 == "/readyz" }
    log = { logger.debug("libmicrohttpd: \($0)") }
    note = { logger.notice("\($0)") }
  }
}
