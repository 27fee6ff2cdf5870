import Linux
import Logging
import ProcFS

/// Samples this machine and looks up the names of its users.
struct SamplingService: Sendable {
  let userNames = UserNames()
  private let sampler: Sampler
  private let interval: Duration

  /// - Parameters:
  ///   - interval: The time between two samples.
  ///   - window: The time that averages cover.
  ///   - identities: Finds out who is behind each process; `nil` if nothing shows it.
  init(
    _ procfs: ProcFS, interval: Duration, window: Duration, identities: IdentityWatch? = nil,
    logger: Logger
  ) {
    self.interval = interval
    sampler = Sampler(
      source: ProcSampleSource(procfs, interval: interval),
      window: Window(
        length: window, interval: interval, ticksPerSecond: Machine.ticksPerSecond,
        pageSize: Machine.pageSize),
      identities: identities, logger: logger)
  }

  /// Opens a `/proc` and checks that it can be read.
  ///
  /// - Throws: A ``Failure`` that names the option to change.
  static func open(_ root: String) throws -> ProcFS {
    do {
      let procfs = try ProcFS(root: root)
      _ = try procfs.systemStat()
      return procfs
    } catch {
      throw Failure("cannot open the /proc to watch: \(error); choose it with --proc")
    }
  }

  /// Takes the first sample, which the other services need to start.
  ///
  /// - Throws: A ``Failure`` that names the option to change.
  func firstSnapshot() async throws -> Snapshot {
    do {
      return try await sampler.sweep()
    } catch {
      throw Failure("cannot sample the /proc to watch: \(error); choose it with --proc")
    }
  }

  /// Waits at most a quarter of a second for the names of the users in a snapshot: the user database may be slow.
  func learnNames(of snapshot: Snapshot) async {
    let uids = Set(snapshot.processes.map(\.uid))
    let userNames = userNames
    _ = await Task { await userNames.settle(uids) }.ends(within: .milliseconds(250))
  }

  /// Samples and looks up names until it is cancelled.
  ///
  /// - Parameter publish: Receives each snapshot on the sampler's thread. It must not block.
  func run(
    clock: some Clock<Duration>, publish: @escaping @Sendable (Snapshot) -> Void
  ) async {
    await SideBySide.run([
      { try await sampler.run(every: interval, clock: clock, publish: publish) },
      { try await userNames.watch(clock: clock) },
    ])
  }
}

extension RunIdentity {
  /// Identifies the run that starts now on the machine of a `/proc`.
  init(_ procfs: ProcFS, hostName: String) {
    self.init(hostName: hostName, bootID: procfs.bootID() ?? "")
  }
}
