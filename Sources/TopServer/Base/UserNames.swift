import Linux
import Synchronization

/// Login names by user id.
///
/// The user database may be remote and hang, so a separate thread queries it. An answer shows the number until the name
/// is known.
final class UserNames: Sendable {
  private let book = Mutex(UserNameBook())
  private let isWorking = Atomic(false)
  private let lookUp: @Sendable (UInt32) -> UserDatabase.Answer
  private let version: @Sendable () -> UserDatabase.Version
  private let now: @Sendable () -> Int64
  /// Runs blocking work, one piece after the other.
  private let run: @Sendable (@escaping @Sendable () -> Void) -> Void
  /// When the look-up in progress began, in nanoseconds; `nil` if there is none.
  private let lookingSince: Mutex<Int64?> = Mutex(nil)
  /// Those that wait for the end of all look-ups.
  private let waiters = Waiters()
  private let lastVersion: Mutex<UserDatabase.Version?> = Mutex(nil)

  /// The interval between two checks of the local files.
  private static let pause = Duration.seconds(5)

  convenience init() {
    let thread = SerialQueueExecutor(label: "user-names")
    self.init(run: { thread.run($0) })
  }

  /// - Parameters:
  ///   - lookUp: Queries the database; may block.
  ///   - version: Identifies the versions of the local files; may block.
  ///   - now: Nanoseconds on the monotonic clock.
  ///   - run: Runs blocking work on a thread that nothing else waits for.
  init(
    lookUp: @escaping @Sendable (UInt32) -> UserDatabase.Answer = UserDatabase.user,
    version: @escaping @Sendable () -> UserDatabase.Version = { UserDatabase.version() },
    now: @escaping @Sendable () -> Int64 = Instant.monotonicNow,
    run: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
  ) {
    (self.lookUp, self.version, self.now, self.run) = (lookUp, version, now, run)
  }

  /// The known names of some users; queues look-ups of the others.
  func known(_ uids: Set<UInt32>) -> KnownUsers {
    let now = now()
    let hasWork = book.withLock { book in
      book.want(uids, at: now)
      return book.waitingCount > 0
    }
    if hasWork { startWork() }
    return book.withLock { $0.known(uids, at: now) }
  }

  /// The text that an answer shows for one user.
  func text(of uid: UInt32) -> String? { known([uid]).text(of: uid) }

  /// Counts changes of the shown texts: when it grows, an incomplete answer is worth making again.
  var revision: UInt64 { book.withLock { $0.revision } }

  /// Queues look-ups of some users and waits until the database has answered.
  func settle(_ uids: Set<UInt32>) async {
    _ = known(uids)
    await withCheckedContinuation { continuation in run { continuation.resume() } }
  }

  /// Waits until no look-up of these users is in progress, but not longer than a limit, since the database may hang.
  ///
  /// It does not wait at all while a look-up takes longer than that, so a database that hangs delays answers only once.
  func settle(
    _ uids: Set<UInt32>, atMost limit: Duration, clock: some Clock<Duration> = ContinuousClock()
  ) async {
    await waiters.wait { leave in
      // It waits already, so that it cannot miss the end.
      guard !self.known(uids).isComplete, !self.hasLookedUp(for: limit) else { return leave() }
      Task {
        try? await clock.sleep(for: limit)
        leave()
      }
    }
  }

  /// Whether the look-up in progress takes at least this long already.
  private func hasLookedUp(for limit: Duration) -> Bool {
    lookingSince.withLock { $0 }.map { now() - $0 >= limit.nanoseconds } ?? false
  }

  /// Checks the files of the database every few seconds until the task is cancelled.
  func watch(clock: some Clock<Duration>) async throws {
    let isLooking = Latest(false)
    while true {
      // A hanging look-up may block the thread; queue at most one check behind it.
      if !isLooking.value {
        isLooking.publish(true)
        run {
          self.lookAtFiles()
          isLooking.publish(false)
        }
      }
      try await clock.sleep(for: Self.pause)
    }
  }

  private func lookAtFiles() {
    let version = version()
    let before = lastVersion.withLock { last in
      defer { last = version }
      return last
    }
    guard let before, before != version else { return }
    let now = now()
    book.withLock { $0.filesChanged(at: now) }
    startWork()
  }

  private func startWork() {
    guard !isWorking.exchange(true, ordering: .acquiringAndReleasing) else { return }
    run { self.work() }
  }

  private func work() {
    // Read the version before the first look-up, so that no later change is missed.
    if lastVersion.withLock({ $0 == nil }) { lookAtFiles() }
    while let errand = book.withLock({ $0.next() }) {
      let begin = now()
      lookingSince.withLock { $0 = begin }
      let answer = lookUp(errand.uid)
      lookingSince.withLock { $0 = nil }
      let now = now()
      book.withLock { $0.learn(answer, for: errand, at: now) }
    }
    isWorking.store(false, ordering: .releasing)
    // Another thread may have queued a user after the last `next()` and before the flag was cleared.
    guard book.withLock({ $0.waitingCount == 0 }) else { return startWork() }
    waiters.resumeAll()
  }

  /// Tasks that wait, each until it leaves or until all are resumed.
  private final class Waiters: Sendable {
    private struct State {
      var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
      var lastTicket: UInt64 = 0
    }

    private let state = Mutex(State())

    /// - Parameter begin: Runs when the task waits; receives a function that ends the wait.
    func wait(_ begin: (_ leave: @escaping @Sendable () -> Void) -> Void) async {
      await withCheckedContinuation { continuation in
        let ticket = state.withLock { state in
          state.lastTicket += 1
          state.waiting[state.lastTicket] = continuation
          return state.lastTicket
        }
        begin { self.state.withLock { $0.waiting.removeValue(forKey: ticket) }?.resume() }
      }
    }

    func resumeAll() {
      let waiting = state.withLock { state in
        defer { state.waiting = [:] }
        return state.waiting
      }
      for continuation in waiting.values { continuation.resume() }
    }
  }
}
