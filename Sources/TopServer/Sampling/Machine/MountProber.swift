import Linux
import ProcFS
import Synchronization

/// Asks file systems for their space, on threads of its own: one whose server is gone never answers.
///
/// The sweep takes what is known and waits for nothing. ``ProbeRounds`` decides; this acts.
final class MountProber: Sendable {
  private let list: @Sendable () -> [RealFileSystem]
  private let ask: @Sendable (RealFileSystem) -> ProbeRounds.Answer?
  private let now: @Sendable () -> Int64
  private let start: @Sendable (@escaping @Sendable () -> Void) throws -> Void
  private let rounds = Mutex(ProbeRounds())

  /// - Parameters:
  ///   - list: The file systems to ask; may block.
  ///   - ask: Asks one; may block for ever.
  ///   - now: Nanoseconds that never go back.
  ///   - start: Runs something on a new thread.
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

  /// The file systems that this process can reach.
  convenience init(_ procfs: ProcFS) {
    self.init(list: { (try? procfs.realFileSystems()) ?? [] }, ask: Self.space)
  }

  /// What is known at this moment; begins what is due.
  func latest() -> [FileSystemCounters] {
    let time = now()
    let worker = rounds.withLock { $0.tick(at: time) }
    if let worker {
      do {
        try start { self.work(worker) }
      } catch {
        // Out of threads: there will be another round.
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

  /// The space at the shortest mount point that is a folder; some programs mount single files over others.
  ///
  /// Where there is no space at all (views of other things, mostly) nothing can fill up, and an image is full for ever.
  static func space(_ system: RealFileSystem) -> ProbeRounds.Answer? {
    for path in system.paths {
      guard let space = FileSystemSpace(ofFolder: path) else { continue }
      guard space.total > 0, !(space.isFull && system.isImageWhenFull) else { return nil }
      return .init(mountPoint: String(decoding: path, as: UTF8.self), space: space)
    }
    return nil
  }
}
