/// What is known of users at one moment, for one answer.
struct KnownUsers: Sendable, Equatable {
  /// By user id: the login name, or nothing where the database has no such user.
  private let names: [UInt32: String?]
  /// Whether no number stands for a name that is still being looked up.
  let isComplete: Bool
  /// Counts what the database told until then, see ``UserNames/revision``.
  let revision: UInt64

  init(_ names: [UInt32: String?] = [:], isComplete: Bool = true, revision: UInt64 = 0) {
    self.names = names
    self.isComplete = isComplete
    self.revision = revision
  }

  /// What is shown for a user: the login name, the number in digits while the name is not known, or `nil` when the
  /// database has no such user.
  func text(of uid: UInt32) -> String? {
    names[uid] ?? "\(uid)"
  }

  /// How many users it knows.
  var count: Int { names.count }
}
