import Linux

/// Keeps login names, the look-ups that wait, and when each name expires.
///
/// Pure: the caller passes each moment, in nanoseconds on a monotonic clock.
struct UserNameBook: Sendable {
  /// The number of users that are remembered; answers show further users by number.
  static let mostUsers = 4096
  /// The number of users that may wait for a look-up; the next answer that shows a further user queues it again.
  static let mostWaiting = 1024
  /// Nanoseconds after which a name is looked up again.
  static let nameLifetime: Int64 = 300_000_000_000
  /// Nanoseconds until the next look-up after the database had no such user or failed.
  static let failureLifetime: Int64 = 60_000_000_000
  /// Nanoseconds after which a user that no answer has shown may make room for another.
  static let idleTime: Int64 = 60_000_000_000
  /// The limit of a name in bytes.
  private static let longestName = 256

  /// A user to look up now.
  struct Errand: Sendable, Equatable {
    var uid: UInt32
    /// The version of the local files when the look-up began.
    fileprivate var edition: UInt64
  }

  private enum Name: Sendable, Equatable {
    /// The database has not answered yet, or its look-up failed.
    case unknown
    case known(String?)
  }

  private struct Entry: Sendable {
    var name = Name.unknown
    /// The moment from which the name must be looked up again.
    var expires = Int64.min
    /// The moment until which the name may be shown: one more lifetime after it expired.
    ///
    /// Only an answer of the database moves it, so a database that keeps failing ends a name too.
    var shownUntil = Int64.min
    /// When an answer last showed it.
    var shown: Int64
    var isWaiting = false
  }

  private var entries: [UInt32: Entry] = [:]
  private var waiting: [UInt32] = []
  /// The index of the first user in ``waiting`` whose look-up has not begun.
  private var head = 0
  /// Counts changes of the local files.
  private var edition: UInt64 = 0
  /// When ``makeRoom(at:)`` last went through all users; it does so at most once a second.
  private var madeRoom = Int64.min
  /// Counts changes of the shown texts.
  private(set) var revision: UInt64 = 0

  /// The number of users that wait for a look-up.
  var waitingCount: Int { waiting.count - head }

  /// Records that an answer shows these users, and queues those that need a look-up.
  mutating func want(_ uids: some Sequence<UInt32>, at now: Int64) {
    var due: [UInt32] = []
    for uid in uids where hasRoom(for: uid, at: now) {
      let entry = note(uid, at: now)
      if !entry.isWaiting && entry.expires <= now { due.append(uid) }
    }
    // Local users have the lowest numbers. They come first, so that they do not wait for a remote directory.
    for uid in due.sorted() { queue(uid, at: now) }
  }

  /// The known names of some users.
  func known(_ uids: some Sequence<UInt32>, at now: Int64) -> KnownUsers {
    var names: [UInt32: String?] = [:]
    var isComplete = true
    for uid in uids {
      guard let entry = entries[uid] else { continue }
      if case .known(let name) = entry.name, now <= entry.shownUntil {
        names[uid] = .some(name)
      } else {
        isComplete = isComplete && !entry.isWaiting
      }
    }
    return KnownUsers(names, isComplete: isComplete, revision: revision)
  }

  /// The next user to look up.
  mutating func next() -> Errand? {
    guard head < waiting.count else { return nil }
    defer {
      head += 1
      if head == waiting.count { (waiting, head) = ([], 0) }
    }
    return Errand(uid: waiting[head], edition: edition)
  }

  /// Records the database's answer.
  mutating func learn(_ answer: UserDatabase.Answer, for errand: Errand, at now: Int64) {
    guard var entry = entries[errand.uid] else { return }
    entry.isWaiting = false
    let before = entry.name
    let isName = if case .name = answer { true } else { false }
    entry.expires = now + (isName ? Self.nameLifetime : Self.failureLifetime)
    switch answer {
    case .name(let name): entry.name = .known(name.prefix(bytes: Self.longestName))
    case .noSuchUser: entry.name = .known(nil)
    // Keep a known name until it is too old: it is better than a number.
    case .failed: if entry.shownUntil < now { entry.name = .unknown }
    }
    if case .failed = answer {} else { entry.shownUntil = entry.expires + Self.nameLifetime }
    // The files changed during the look-up, so the answer may come from either version.
    if errand.edition != edition { entry.expires = now }
    entries[errand.uid] = entry
    if entry.name != before { revision += 1 }
    if errand.edition != edition { queue(errand.uid, at: now) }
  }

  /// Queues every user for a new look-up after the local files changed; their names stay valid until then.
  mutating func filesChanged(at now: Int64) {
    edition += 1
    for uid in entries.keys.sorted() {
      entries[uid]?.expires = now
      queue(uid, at: now)
    }
  }

  // MARK: - Parts

  private mutating func note(_ uid: UInt32, at now: Int64) -> Entry {
    entries[uid, default: Entry(shown: now)].shown = now
    return entries[uid, default: Entry(shown: now)]
  }

  /// Queues a user for a look-up, unless the user is queued already.
  private mutating func queue(_ uid: UInt32, at now: Int64) {
    guard let entry = entries[uid], !entry.isWaiting, entry.expires <= now,
      waitingCount < Self.mostWaiting
    else { return }
    if head > Self.mostWaiting {
      waiting.removeFirst(head)
      head = 0
    }
    waiting.append(uid)
    entries[uid]?.isWaiting = true
  }

  private mutating func hasRoom(for uid: UInt32, at now: Int64) -> Bool {
    if entries[uid] != nil || entries.count < Self.mostUsers { return true }
    makeRoom(at: now)
    return entries.count < Self.mostUsers
  }

  private mutating func makeRoom(at now: Int64) {
    guard madeRoom == .min || now - madeRoom >= 1_000_000_000 else { return }
    madeRoom = now
    entries = entries.filter { _, entry in entry.isWaiting || now - entry.shown < Self.idleTime }
  }
}
