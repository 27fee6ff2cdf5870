import Linux
import ProcFS
import Synchronization

/// Queries the space of file systems on separate threads, since one whose server is unreachable may never answer.
///
/// The sweep reads the known values and never waits. ``ProbeRounds`` decides what to query; this type acts.
final class MountProber: Sendable {
  private let list: @Sendable () -> [RealFileSystem]
  private let ask: @Sendable (RealFileSystem) -> ProbeRounds.Answer?
  private let now: @Sendable () -> Int64
  private let start: @Sendable (@escaping @Sendable () -> Void) throws -> Void
  private let rounds = Mutex(ProbeRounds())

  /// - Parameters:
  ///   - list: Lists the file systems; may block.
  ///   - ask: Queries one file system; may block forever.
  ///   - now: Nanoseconds on a monotonic clock.
  ///   - start: Runs work on a new thread.
  init(
    list: @escaping @Sendable () -> [RealFileSystem],
    ask: @escaping @Sendable (RealFileSystem) -> ProbeRounds.Answer?,
    now: @escaping @Sendable () -> Int64 = Instant.monotonicNow,
    start: @escaping @Sendable (@escaping @Sendable () -> Void) throws -> Void = {
      try DetachedThread.start(named: "mounts", $0)
    }
  ) {
    self.list = list
    self.ask = ask
    self.now = now
    self.start = start
  }

  /// Probes the file systems that this process can reach.
  convenience init(_ procfs: ProcFS) {
    self.init(list: { (try? procfs.realFileSystems()) ?? [] }, ask: Self.space)
  }

  /// The values known at this moment; starts a worker when one is due.
  func latest() -> [FileSystemCounters] {
    let time = now()
    let worker = rounds.withLock { $0.tick(at: time) }
    if let worker {
      do {
        try start { self.work(worker) }
      } catch {
        // The system is out of threads. The next round tries again.
        rounds.withLock { $0.giveUp() }
      }
    }
    return rounds.withLock { $0.known }
  }

  private func work(_ worker: ProbeRounds.Worker) {
    if worker.lists {
      let systems = list()
      rounds.withLock { $0.list(systems) }
    }
    while true {
      let time = now()
      guard let system = rounds.withLock({ $0.next(for: worker.number, at: time) }) else { return }
      let answer = ask(system)
      rounds.withLock { $0.answer(system, answer) }
    }
  }

  /// Queries the space at the shortest mount point that is a folder; some programs mount single files over others.
  ///
  /// A file system without space (mostly a view of something else) cannot fill up, and an image is always full, so both
  /// return `nil`.
  static func space(_ system: RealFileSystem) -> ProbeRounds.Answer? {
    for path in system.paths {
      guard let space = FileSystemSpace(ofFolder: path) else { continue }
      guard space.total > 0, !(space.isFull && system.isImageWhenFull) else { return nil }
      return .init(mountPoint: String(decoding: path, as: UTF8.self), space: space)
    }
    return nil
  }
}
