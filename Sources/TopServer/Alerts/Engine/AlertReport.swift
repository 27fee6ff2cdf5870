import Linux

/// Everything there is to tell about alerts after one snapshot.
struct AlertReport: Sendable, Equatable {
  /// A rule and where it stands.
  struct Entry: Sendable, Equatable {
    var rule: AlertRule
    var progress: AlertProgress
  }

  /// The same for another host; only what is pending or fires.
  struct HostEntry: Sendable, Equatable {
    var host: String
    var rule: AlertRule
    var progress: AlertProgress
  }

  var time: Instant
  /// Counts the alerts that fired or ended.
  var revision: UInt64
  var entries: [Entry]
  /// By the name of the host.
  var hostEntries: [HostEntry]
  /// Alerts that are over, the newest first.
  var history: [Alert]

  init(_ book: AlertBook, at time: Instant) {
    self.time = time
    revision = book.revision
    entries = zip(book.rules, book.progress).map(Entry.init)
    hostEntries = book.activeHosts
    history = book.history
  }

  /// The names of the rules that fire, by host.
  ///
  /// - Parameter name: What this machine is called.
  func firing(onThisMachine name: String) -> [String: [String]] {
    var rules: [String: [String]] = [:]
    for entry in entries {
      if case .firing = entry.progress.phase { rules[name, default: []].append(entry.rule.name) }
    }
    for entry in hostEntries {
      if case .firing = entry.progress.phase {
        rules[entry.host, default: []].append(entry.rule.name)
      }
    }
    return rules
  }
}
