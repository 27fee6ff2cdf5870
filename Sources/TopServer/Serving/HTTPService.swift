import Linux
import Logging
import MicroHTTPD

/// Answers requests: prepares the answers for each snapshot, publishes events, and runs the HTTP server.
struct HTTPService: Sendable {
  let events: EventFeed
  /// Whether the server is about to stop.
  let isStopping = Latest(false)
  /// Host and port, as in a URL.
  let authority: String
  private let desk: AnswerDesk<AnswerEncoder>
  private let daemon: Daemon

  /// Starts the HTTP server.
  ///
  /// - Parameter first: The snapshot to answer with until the first call of ``publish(_:)``.
  /// - Throws: If libmicrohttpd cannot start its threads.
  init(
    _ settings: Settings, _ inputs: ServeInputs, _ configuration: DaemonConfiguration,
    _ first: Snapshot, pool: AnswerPool, sampling: SamplingService, recording: RecordingService,
    alerts: AlertService, fleet: FleetService
  ) throws {
    let counts = RequestCounts()
    // One minute: an event each second about this machine, and one about the fleet.
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

  /// Answers with this snapshot from now on.
  func publish(_ snapshot: Snapshot) -> PreparedAnswers<AnswerEncoder> { desk.publish(snapshot) }

  /// Disconnects slow clients and sends keep-alive comments to event streams, until it is cancelled.
  func run(clock: some Clock<Duration>) async {
    await SideBySide.run([
      { try await daemon.endSlowClients(clock: clock) },
      { try await events.breakSilence(clock: clock) },
    ])
  }

  /// Waits at most five seconds for the answers in progress and the agents' connections to end.
  func drain(clock: some Clock<Duration>) async {
    await daemon.drain(for: .seconds(5), clock: clock)
  }

  /// Stops the HTTP server.
  ///
  /// Answers still in progress are cut off, so call ``drain(clock:)`` first.
  func stop() { daemon.stop() }

  var requestCount: Int { daemon.requestCount }
}

extension Settings {
  fileprivate func authority(port: UInt16) -> String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}

extension DaemonConfiguration {
  /// - Parameter descriptors: The maximum number of file descriptors that this process may have open.
  init(_ settings: Settings, hostName: String, descriptors: Int, logger: Logger) {
    self.init { Problem.response(to: $0) }
    // Reserve a few hundred descriptors for everything else, because accepting, reading and writing all need one.
    let possible = max(64, descriptors - spareConnections - 256)
    if possible < settings.connections {
      logger.notice(
        "only \(possible) of \(settings.connections) connections are possible: this process may open \(descriptors) files (ulimit -Hn, or LimitNOFILE= of its unit)"
      )
    }
    connectionLimit = min(settings.connections, possible)
    connectionLimitPerAddress = settings.connectionsPerAddress
    // More threads than cores only add context switches, and a monitor gains nothing from more than four.
    threads = min(max(2, Machine.onlineCPUs), 4)
    headerTimeout = settings.headerTimeout
    let hosts = HostPolicy(hostName: hostName, allowed: settings.allowedHosts)
    allowsHost = { hosts.allows($0) }
    isVital = { $0 == "/livez" || $0 == "/readyz" }
    log = { logger.debug("libmicrohttpd: \($0)") }
    note = { logger.notice("\($0)") }
  }
}
