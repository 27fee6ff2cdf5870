/// The user names that are known at one moment, for one answer.
struct KnownUsers: Sendable, Equatable {
  /// The login name by user id; `nil` where the database has no such user.
  private let names: [UInt32: String?]
  /// Whether no look-up of these users is in progress.
  let isComplete: Bool
  /// The value of ``UserNames/revision`` at that moment.
  let revision: UInt64

  init(_ names: [UInt32: String?] = [:], isComplete: Bool = true, revision: UInt64 = 0) {
    self.names = names
    self.isComplete = isComplete
    self.revision = revision
  }

  /// The text that an answer shows for a user: the login name, the number in digits while the name is unknown, or `nil`
  /// when the database has no such user.
  func text(of uid: UInt32) -> String? {
    names[uid] ?? "\(uid)"
  }

  /// The number of users whose look-up has succeeded.
  var count: Int { names.count }
}
