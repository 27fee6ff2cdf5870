import Linux
import Synchronization

/// Login names by user id.
///
/// Nobody waits for the user database, which may be far away and hang: one thread asks it, and an answer shows the number
/// until the name is there.
final class UserNames: Sendable {
  private let book = Mutex(UserNameBook())
  private let isWorking = Atomic(false)
  private let lookUp: @Sendable (UInt32) -> UserDatabase.Answer
  private let version: @Sendable () -> UserDatabase.Version
  private let now: @Sendable () -> Int64
  /// Runs work that may hang, one piece after the other.
  private let run: @Sendable (@escaping @Sendable () -> Void) -> Void
  private let lastVersion: Mutex<UserDatabase.Version?> = Mutex(nil)

  /// The files of the database are looked at so often.
  private static let pause = Duration.seconds(5)

  convenience init() {
    let thread = SerialQueueExecutor(label: "user-names")
    self.init(run: { thread.run($0) })
  }

  /// - Parameters:
  ///   - lookUp: Asks the database; may hang.
  ///   - version: Tells whether its local files have changed; may hang.
  ///   - now: Nanoseconds on the monotonic clock.
  ///   - run: Runs the two, and nothing else waits for it.
  init(
    lookUp: @escaping @Sendable (UInt32) -> UserDatabase.Answer = UserDatabase.user,
    version: @escaping @Sendable () -> UserDatabase.Version = { UserDatabase.version() },
    now: @escaping @Sendable () -> Int64 = Instant.monotonicNow,
    run: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
  ) {
    (self.lookUp, self.version, self.now, self.run) = (lookUp, version, now, run)
  }

  /// What is known of some users now; what is not known is looked up meanwhile.
  func known(_ uids: Set<UInt32>) -> KnownUsers {
    let now = now()
    let hasWork = book.withLock { book in
      book.want(uids, at: now)
      return book.waitingCount > 0
    }
    if hasWork { startWork() }
    return book.withLock { $0.known(uids, at: now) }
  }

  /// What is shown for one user now.
  func text(of uid: UInt32) -> String? { known([uid]).text(of: uid) }

  /// Counts the changes of what is shown: an answer that is not complete is worth making anew when this has grown.
  var revision: UInt64 { book.withLock { $0.revision } }

  /// Looks up some users and waits until the database has answered.
  func settle(_ uids: Set<UInt32>) async {
    _ = known(uids)
    await withCheckedContinuation { continuation in run { continuation.resume() } }
  }

  /// Looks at the files of the database every few seconds until it is cancelled.
  func watch(clock: some Clock<Duration>) async throws {
    let isLooking = Latest(false)
    while true {
      // While the thread hangs, no second look is queued behind the first.
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
    // Before the first look-up, so that no change after it is missed.
    if lastVersion.withLock({ $0 == nil }) { lookAtFiles() }
    while let errand = book.withLock({ $0.next() }) {
      let answer = lookUp(errand.uid)
      let now = now()
      book.withLock { $0.learn(answer, for: errand, at: now) }
    }
    isWorking.store(false, ordering: .releasing)
    // Somebody may have come between the last look and the flag.
    if book.withLock({ $0.waitingCount > 0 }) { startWork() }
  }
}
