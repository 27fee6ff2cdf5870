import ArgumentParser
import FoundationEssentials
import Linux
import Logging
import MicroHTTPD
import ProcFS
import WebSocket

/// Samples and serves until it is told to stop.
///
/// The whole pipeline is wired here.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Sample every process and serve the answers over HTTP.",
    discussion: """
      Each option can also be set in the environment: --log-level as TOPSERVER_LOG_LEVEL, and so on; \
      TOPSERVER_ALLOWED_HOST takes several names, separated by commas.
      """)

  @OptionGroup var options: ServeOptions

  func run() async throws {
    let settings = try Settings(
      options, environment: ProcessInfo.processInfo.environment,
      executable: (try? Files.target(ofLink: "/proc/self/exe")) ?? "")
    let logger = Self.makeLogger(settings.logLevel)
    let descriptors = Machine.raiseDescriptorLimit()
    Heap.keepSmall()

    let procfs = try Self.open(settings.proc)
    let files = try Self.readFiles(settings, logger)
    let alerting = try AlertFile.read(settings.alertsFile)
    let token = try Self.readToken(settings, logger)
    let socket = try Self.listen(settings)
    let run = RunIdentity(
      hostName: Machine.name, bootID: procfs.bootID() ?? "", started: Instant.now().sinceBoot)

    // From /proc to the answer: source, window, snapshot, prepared answers.
    let window = Window(
      length: settings.window, interval: settings.interval, ticksPerSecond: Machine.ticksPerSecond,
      pageSize: Machine.pageSize)
    let sampler = Sampler(
      source: ProcSampleSource(procfs, interval: settings.interval), window: window, logger: logger)
    let recorder = Recorder(settings, bootID: run.bootID, logger: logger)
    let counts = RequestCounts()
    let daemonConfiguration = DaemonConfiguration(
      settings, hostName: run.hostName, descriptors: descriptors, logger: logger)
    let fleetStatus = Latest(FleetStatus())
    // A minute of samples, and as much about the fleet.
    let broadcaster = Broadcaster(capacity: 128)
    let userNames = UserNames()
    let encoder = AnswerEncoder(
      userNames: userNames, run: run, interval: settings.interval, recorder: recorder.state,
      fleet: fleetStatus, counts: counts, broadcaster: broadcaster,
      daemon: daemonConfiguration.counts)
    let first = try await Self.firstSnapshot(of: sampler)
    await Self.learnNames(of: first, userNames)
    let pool = AnswerPool(threads: AnswerPool.threads(forCPUs: Machine.onlineCPUs))
    let answers = AnswerDesk(first, encoder, pool: pool, interval: settings.interval)

    // What the past is made of. The sampler does not wait: a recorder that lags loses samples.
    let questions = PastQuestions(recorder, hostName: run.hostName, counts: counts.questions)
    let (snapshots, record) = AsyncStream.makeStream(
      of: Snapshot.self, bufferingPolicy: .bufferingNewest(16))
    record.yield(first)

    // What is too much of something. What fires survives a restart.
    let alertStore = settings.dataFolder.map { AlertStore(folder: $0, logger: logger) }
    let alerts = AlertKeeper(
      rules: alerting.rules, interval: settings.interval,
      memory: await alertStore?.load(at: .now()) ?? AlertMemory(), logger: logger, at: .now())

    let webhook = alerting.webhook.map {
      WebhookSender($0, hostName: run.hostName, logger: logger)
    }
    let events = EventFeed(recorder: recorder.state, broadcaster: broadcaster)

    // The fleet: this machine, and whoever sends us samples. Hosts that do not come back are missed.
    let fleetStore = settings.dataFolder.map { FleetStore(folder: $0, logger: logger) }
    let hub = Hub(
      known: await fleetStore?.load() ?? [],
      limits: FleetLimits(connectionsPerAddress: settings.connectionsPerAddress),
      recorder: recorder.fleet, at: .now())
    let join: @Sendable (Snapshot) -> Void = { snapshot in
      hub.join(HostSample(snapshot, run, userNames), at: snapshot.time)
    }
    join(first)
    let scene = FleetScene(sequence: 0, time: first.time, hosts: hub.tick(at: first.time).hosts)
    let fleet = AnswerDesk(
      FleetPicture(scene), FleetEncoder(run: run), pool: pool, interval: .seconds(1))
    let sockets = try HubSockets(
      hub, limits: .init(settings, daemonConfiguration), logger: logger)
    let keeper = FleetKeeper(
      hub: hub, alerts: alerts, hostName: run.hostName, first: scene, logger: logger)

    // What follows from each snapshot, on a thread of its own.
    let (items, follow) = AsyncStream.makeStream(
      of: FollowUp.Item.self, bufferingPolicy: .bufferingNewest(FollowUp.mostWaiting))
    let followUp = FollowUp(
      alerts: alerts, events: events, first: scene, join: join,
      tell: { webhook?.send(.init(transition: $0, time: $1)) })

    // From a request to its answer.
    let isStopping = Latest(false)
    let routes = Routes(
      cpuUsage: DocumentRoute(document: .cpuUsage, desk: answers),
      system: DocumentRoute(document: .system, desk: answers),
      pastTable: PastTableRoute(questions: questions, encoder: encoder, window: settings.window),
      history: HistoryRoute(questions: questions),
      explain: ExplainRoute(questions: questions, userNames: userNames),
      processHistory: ProcessHistoryRoute(questions: questions),
      getStats: GetStatsRoute(desk: answers, questions: questions, serviceStart: first.time.wall),
      recorder: RecorderRoutes(recorder: recorder),
      alerts: AlertsRoute(report: alerts.latest, webhook: webhook?.state, pool: pool),
      hosts: DocumentRoute(document: .hosts, desk: fleet),
      agents: AgentRoute(
        admission: AgentAdmission(token: token, listening: settings.host), hub: hub,
        sockets: sockets),
      events: EventRoute(feed: events),
      health: HealthRoutes(desk: answers, interval: settings.interval, isStopping: isStopping),
      files: files, counts: counts)
    let daemon = try Daemon(
      socket: socket, configuration: daemonConfiguration, handler: routes.answer)

    // The start took megabytes that are not needed again.
    StartMemory.giveBack()
    Console.say("Listening on http://\(settings.authority(port: socket.port))/stats")
    let clock = SuspendingClock()
    let recording = Task { await recorder.run(snapshots) }
    await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await sampler.run(every: settings.interval, clock: clock) { snapshot in
          let next = answers.publish(snapshot)
          record.yield(snapshot)
          follow.yield(.snapshot(next))
        }
      }
      group.addTask { await followUp.run(items) }
      group.addTask { try await userNames.watch(clock: clock) }
      group.addTask {
        try await keeper.run(clock: clock) { look in
          fleet.publish(FleetPicture(look.scene, after: fleet.source))
          fleetStatus.publish(
            FleetStatus(look.scene, hub.counts, closures: sockets.statistics.closures))
          follow.yield(.look(look))
        }
      }
      if let fleetStore {
        group.addTask {
          await fleetStore.run(after: keeper.changes, pause: .seconds(10), clock: clock) {
            hub.known(at: .now())
          }
        }
      }
      if let webhook { group.addTask { await webhook.run(clock: clock) } }
      if let alertStore {
        group.addTask {
          await alertStore.run(after: alerts.changes, clock: clock) { alerts.memory }
        }
      }
      group.addTask { try await StartMemory.giveBackOnceMore(clock: clock) }
      group.addTask { try await daemon.endSlowClients(clock: clock) }
      group.addTask { try await events.breakSilence(clock: clock) }
      let signal = await TerminationSignals.next()
      logger.info("\(signal): finishing the answers under way")
      isStopping.publish(true)
      // The daemon waits for the connections of agents, which end meanwhile.
      async let agentsAreGone: Void = sockets.drain(within: .seconds(2))
      await daemon.drain(for: .seconds(5), clock: clock)
      await agentsAreGone
      daemon.stop()
      group.cancelAll()
      // A cancelled task ends with an error; here that is the normal end.
      while let result = await group.nextResult() { _ = result }
    }
    record.finish()
    if await !recording.ends(within: .seconds(5)) {
      logger.warning("the disk does not answer; the newest samples are not in the history")
    }
    logger.info("stopped after \(daemon.requestCount) requests")
  }

  // MARK: - The rim, with its reasons in words

  static func makeLogger(_ level: Logger.Level) -> Logger {
    ProgramLog.start()
    var logger = Logger(label: "topserver")
    logger.logLevel = level
    return logger
  }

  static func open(_ root: String) throws -> ProcFS {
    do {
      let procfs = try ProcFS(root: root)
      _ = try procfs.systemStat()
      return procfs
    } catch {
      throw Failure("cannot open the /proc to watch: \(error); choose it with --proc")
    }
  }

  private static func readFiles(_ settings: Settings, _ logger: Logger) throws -> StaticFiles {
    let files = try StaticFiles(folder: settings.staticFolder)
    if !files.missing.isEmpty {
      let names = files.missing.joined(separator: ", ")
      logger.notice("the page has no charts without \(names): install libjs-dygraphs")
    }
    return files
  }

  private static func readToken(_ settings: Settings, _ logger: Logger) throws -> AgentToken? {
    guard let path = settings.agentTokenFile else { return nil }
    let token = try AgentToken.read(path, option: "--agent-token-file")
    if let mode = try? Files.permissions(of: path), mode & 0o007 != 0 {
      logger.warning("\(path) can be read by others on this machine: chmod 600 keeps them out")
    }
    return token
  }

  static func firstSnapshot(of sampler: Sampler) async throws -> Snapshot {
    do {
      return try await sampler.sweep()
    } catch {
      throw Failure("this is no /proc: \(error); choose it with --proc")
    }
  }

  /// Names of users are there when the first request comes, unless the database is slow.
  private static func learnNames(of snapshot: Snapshot, _ userNames: UserNames) async {
    let uids = Set(snapshot.processes.map(\.uid))
    _ = await Task { await userNames.settle(uids) }.ends(within: .milliseconds(250))
  }

  private static func listen(_ settings: Settings) throws -> ListeningSocket {
    do {
      return try ListeningSocket(host: settings.host, port: settings.port)
    } catch {
      throw Failure(
        "cannot listen on \(error); choose another address with --host, port with --port")
    }
  }
}

extension Recorder {
  fileprivate init(_ settings: Settings, bootID: String, logger: Logger) {
    self.init(
      writer: settings.dataFolder.map {
        HistoryWriter(folder: $0, limit: settings.historyLimit, logger: logger)
      },
      isOn: settings.records, limit: settings.historyLimit, bootID: bootID,
      interval: settings.interval, flushInterval: settings.flushInterval, logger: logger)
  }
}

extension Task where Success == Void, Failure == Never {
  /// Waits for the end of the task, but not longer than a time.
  ///
  /// A task group would wait for all of its members; a write to a disk that hangs cannot be cancelled.
  func ends(within limit: Duration) async -> Bool {
    let (ends, end) = AsyncStream.makeStream(of: Bool.self)
    Task<Void, Never> {
      await value
      end.yield(true)
    }
    Task<Void, Never> {
      try? await Task<Never, Never>.sleep(for: limit)
      end.yield(false)
    }
    for await hasEnded in ends { return hasEnded }
    return false
  }
}

extension HostSample {
  /// What a snapshot says of this machine.
  fileprivate init(_ snapshot: Snapshot, _ run: RunIdentity, _ userNames: UserNames) {
    self.init(
      snapshot, host: run.hostName, run: run.tag, sequence: snapshot.sequence,
      userName: userNames.text)
  }
}

extension WebSocketLimits {
  fileprivate init(_ settings: Settings, _ daemon: DaemonConfiguration) {
    self.init()
    connections = daemon.mostUpgrades
    connectionsPerAddress = settings.connectionsPerAddress
  }
}

extension Settings {
  /// Host and port as they stand in a URL.
  fileprivate func authority(port: UInt16) -> String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}

extension DaemonConfiguration {
  /// - Parameter descriptors: How many files may be open.
  fileprivate init(_ settings: Settings, hostName: String, descriptors: Int, logger: Logger) {
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
