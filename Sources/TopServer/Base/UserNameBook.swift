import Linux

/// The login names that are known, those that are wanted, and when each must be asked for again.
///
/// Pure: moments are nanoseconds on a monotonic clock and are the caller's.
struct UserNameBook: Sendable {
  /// Users that are remembered; more are shown by their numbers.
  static let mostUsers = 4096
  /// Users that wait to be looked up; more are wanted again by the next answer that shows them.
  static let mostWaiting = 1024
  /// Nanoseconds after which a name is looked up again.
  static let nameLifetime: Int64 = 300_000_000_000
  /// Nanoseconds after which a user who was not found, or a database that failed, is asked for again.
  static let failureLifetime: Int64 = 60_000_000_000
  /// A user who was not shown for so long may be forgotten for another one.
  static let idleTime: Int64 = 60_000_000_000
  /// Bytes of a name that are kept.
  private static let longestName = 256

  /// A user who is to be looked up now.
  struct Errand: Sendable, Equatable {
    var uid: UInt32
    /// The version of the local files that was known when the look-up began.
    fileprivate var edition: UInt64
  }

  private enum Name: Sendable, Equatable {
    /// The database has not answered yet, or could not.
    case unknown
    case known(String?)
  }

  private struct Entry: Sendable {
    var name = Name.unknown
    /// From then on it must be asked for again.
    var expires = Int64.min
    /// When an answer last showed it.
    var shown: Int64
    var isWaiting = false
  }

  private var entries: [UInt32: Entry] = [:]
  private var waiting: [UInt32] = []
  /// The first of ``waiting`` that was not taken yet.
  private var head = 0
  /// Counts the changes of the local files.
  private var edition: UInt64 = 0
  /// When ``makeRoom(at:)`` last looked through all users, which is worth while once a second.
  private var madeRoom = Int64.min
  /// Counts the changes of what is shown.
  private(set) var revision: UInt64 = 0

  /// Users that wait to be looked up.
  var waitingCount: Int { waiting.count - head }

  /// Notes that an answer is to show some users, and queues those that must be looked up.
  mutating func want(_ uids: some Sequence<UInt32>, at now: Int64) {
    var due: [UInt32] = []
    for uid in uids where hasRoom(for: uid, at: now) {
      let entry = note(uid, at: now)
      if !entry.isWaiting && entry.expires <= now { due.append(uid) }
    }
    // The users of the machine itself have the lowest numbers, and do not wait for a directory far away.
    for uid in due.sorted() { queue(uid, at: now) }
  }

  /// What is known of some users.
  func known(_ uids: some Sequence<UInt32>, at now: Int64) -> KnownUsers {
    var names: [UInt32: String?] = [:]
    var isComplete = true
    for uid in uids {
      guard let entry = entries[uid] else { continue }
      if case .known(let name) = entry.name, !isTooOld(entry, at: now) {
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

  /// Takes what the database said.
  mutating func learn(_ answer: UserDatabase.Answer, for errand: Errand, at now: Int64) {
    guard var entry = entries[errand.uid] else { return }
    entry.isWaiting = false
    let before = entry.name
    switch answer {
    case .name(let name): entry.name = .known(name.prefix(bytes: Self.longestName))
    case .noSuchUser: entry.name = .known(nil)
    // A name that was known is a better answer than a number, until it is too old.
    case .failed: if isTooOld(entry, at: now) { entry.name = .unknown }
    }
    let isName = if case .name = answer { true } else { false }
    entry.expires = now + (isName ? Self.nameLifetime : Self.failureLifetime)
    // The files changed while the database was asked: nobody knows which of them it read.
    if errand.edition != edition { entry.expires = now }
    entries[errand.uid] = entry
    if entry.name != before { revision += 1 }
    if errand.edition != edition { queue(errand.uid, at: now) }
  }

  /// The local files have changed: every user is looked up again, and shown as before until then.
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

  /// Queues a user who must be looked up, once.
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

  /// Whether nobody would vouch for a name any more: it is shown for one more lifetime while it is looked up again.
  private func isTooOld(_ entry: Entry, at now: Int64) -> Bool {
    let age = now.subtractingReportingOverflow(entry.expires)
    return age.overflow || age.partialValue > Self.nameLifetime
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
