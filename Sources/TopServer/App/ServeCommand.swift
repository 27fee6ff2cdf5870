import ArgumentParser
import FoundationEssentials
import Linux
import Logging
import MicroHTTPD

/// Samples and serves until it receives a termination signal.
///
/// This is where the services of the pipeline are created and connected.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Sample every process and serve the results over HTTP.",
    discussion: """
      Each option can also be set in the environment: --log-level as TOPSERVER_LOG_LEVEL, and so on. \
      TOPSERVER_ALLOWED_HOST accepts several names, separated by commas.
      """)

  @OptionGroup var options: ServeOptions

  func run() async throws {
    let settings = try Settings(
      options, environment: ProcessInfo.processInfo.environment,
      executable: (try? Files.target(ofLink: "/proc/self/exe")) ?? "")
    let logger = ProgramLog.logger(settings.logLevel)
    let descriptors = Machine.raiseDescriptorLimit()
    Heap.keepSmall()

    let inputs = try ServeInputs(settings, logger: logger)
    let sampling = SamplingService(
      inputs.procfs, interval: settings.interval, window: settings.window,
      identities: IdentityWatch(inputs.procfs, commandLines: settings.commandLines), logger: logger)
    let recording = RecordingService(settings, bootID: inputs.run.bootID, logger: logger)
    let daemon = DaemonConfiguration(
      settings, hostName: inputs.run.hostName, descriptors: descriptors, logger: logger)
    let first = try await sampling.firstSnapshot()
    await sampling.learnNames(of: first)
    recording.record(first)
    let pool = AnswerPool(threads: AnswerPool.threads(forCPUs: Machine.onlineCPUs))
    let alerts = await AlertService(
      settings, inputs.alerts, hostName: inputs.run.hostName, logger: logger)
    let fleet = try await FleetService(
      settings, inputs.run, first, names: sampling.userNames, recorder: recording.recorder.fleet,
      alerts: alerts.keeper, pool: pool, mostAgents: daemon.mostUpgrades, logger: logger)
    let http = try HTTPService(
      settings, inputs, daemon, first, pool: pool, sampling: sampling, recording: recording,
      alerts: alerts, fleet: fleet)
    let followUp = FollowUp(
      alerts: alerts.keeper, events: http.events, first: fleet.firstScene, join: fleet.join,
      tell: alerts.tell)

    StartMemory.giveBack()
    TerminationSignals.handle()
    Console.say("Listening on http://\(http.authority)/stats")
    let clock = SuspendingClock()
    let recorded = Task { await recording.run() }
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        await sampling.run(clock: clock) { snapshot in
          let answers = http.publish(snapshot)
          recording.record(snapshot)
          followUp.add(.snapshot(answers))
        }
      }
      group.addTask { await followUp.run() }
      group.addTask { await fleet.run(clock: clock) { followUp.add(.look($0)) } }
      group.addTask { await alerts.run(clock: clock) }
      group.addTask { await http.run(clock: clock) }
      group.addTask { try? await StartMemory.giveBackOnceMore(clock: clock) }
      let signal = await TerminationSignals.next()
      logger.info("\(signal): finishing the answers in progress")
      http.isStopping.publish(true)
      // The daemon waits for the agents' connections, which end meanwhile.
      async let agentsAreGone: Void = fleet.drain()
      await http.drain(clock: clock)
      await agentsAreGone
      http.stop()
      group.cancelAll()
    }
    await recording.finish(recorded)
    logger.info("stopped after \(http.requestCount) requests")
  }
}
