import Linux
import Logging
import ProcFS

/// Samples this machine, and knows the names of its users.
struct SamplingService: Sendable {
  let userNames = UserNames()
  private let sampler: Sampler
  private let interval: Duration

  /// - Parameters:
  ///   - interval: How far apart samples are meant to be.
  ///   - window: What averages cover.
  init(_ procfs: ProcFS, interval: Duration, window: Duration, logger: Logger) {
    self.interval = interval
    sampler = Sampler(
      source: ProcSampleSource(procfs, interval: interval),
      window: Window(
        length: window, interval: interval, ticksPerSecond: Machine.ticksPerSecond,
        pageSize: Machine.pageSize),
      logger: logger)
  }

  /// - Throws: a ``Failure`` that names the option to change.
  static func open(_ root: String) throws -> ProcFS {
    do {
      let procfs = try ProcFS(root: root)
      _ = try procfs.systemStat()
      return procfs
    } catch {
      throw Failure("cannot open the /proc to watch: \(error); choose it with --proc")
    }
  }

  /// The first sample, for those who cannot begin without one.
  ///
  /// - Throws: a ``Failure`` that names the option to change.
  func firstSnapshot() async throws -> Snapshot {
    do {
      return try await sampler.sweep()
    } catch {
      throw Failure("this is no /proc: \(error); choose it with --proc")
    }
  }

  /// Waits for the names of the users in a snapshot, a quarter of a second at most: the database may be slow.
  func learnNames(of snapshot: Snapshot) async {
    let uids = Set(snapshot.processes.map(\.uid))
    let userNames = userNames
    _ = await Task { await userNames.settle(uids) }.ends(within: .milliseconds(250))
  }

  /// Samples, and looks up names, until it is cancelled.
  ///
  /// - Parameter publish: Takes each snapshot, on the sampler's thread, and must not wait.
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
  /// The run that begins now, on the machine of a `/proc`.
  init(_ procfs: ProcFS, hostName: String) {
    self.init(hostName: hostName, bootID: procfs.bootID() ?? "")
  }
}
