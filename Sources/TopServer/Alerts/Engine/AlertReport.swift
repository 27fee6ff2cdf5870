import Linux

/// The state of all alerts after one snapshot.
struct AlertReport: Sendable, Equatable {
  /// A rule and its state on this machine.
  struct Entry: Sendable, Equatable {
    var rule: AlertRule
    var progress: AlertProgress
  }

  /// A rule and its state on another host, if it is pending or firing.
  struct HostEntry: Sendable, Equatable {
    var host: String
    var rule: AlertRule
    var progress: AlertProgress
  }

  var time: Instant
  /// Counts the alerts that fired or were resolved.
  var revision: UInt64
  var entries: [Entry]
  /// By the name of the host.
  var hostEntries: [HostEntry]
  /// Resolved alerts, the newest first.
  var history: [Alert]

  init(_ book: AlertBook, at time: Instant) {
    self.time = time
    revision = book.revision
    entries = zip(book.rules, book.progress).map(Entry.init)
    hostEntries = book.activeHosts
    history = book.history
  }

  /// The names of the firing rules, by host.
  ///
  /// - Parameter name: The name of this machine.
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
