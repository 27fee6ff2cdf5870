import Linux

/// Everything there is to tell about alerts after one snapshot.
struct AlertReport: Sendable, Equatable {
  /// A rule and where it stands.
  struct Entry: Sendable, Equatable {
    var rule: AlertRule
    var progress: AlertProgress
  }

  var time: Instant
  /// Counts the alerts that fired or ended.
  var revision: UInt64
  var entries: [Entry]
  /// Alerts that are over, the newest first.
  var history: [Alert]

  init(_ book: AlertBook, at time: Instant) {
    self.time = time
    revision = book.revision
    entries = zip(book.rules, book.progress).map(Entry.init)
    history = book.history
  }
}
