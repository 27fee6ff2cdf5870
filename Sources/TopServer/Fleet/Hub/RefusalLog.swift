/// Selects the rejected clients to log.
///
/// It logs the first of each cause, and then one a minute with the number of the others, since anyone can be rejected
/// as often as they like.
struct RefusalLog: Sendable {
  private struct Entry: Sendable {
    /// When a line of this cause was last logged, in nanoseconds since boot; `nil` before the first.
    var loggedAt: Int64?
    var unlogged = 0
    var newest = ""
  }

  /// Nanoseconds between two lines about one cause.
  private static let pause: Int64 = 60_000_000_000

  private var entries: [FleetRefusal.Cause: Entry] = [:]

  /// Adds a rejected client.
  ///
  /// - Parameters:
  ///   - peer: The address of the client.
  ///   - host: The host name that it claimed, if that was read.
  mutating func note(_ refusal: FleetRefusal, peer: String, host: String?) {
    let name = host.map { " as \($0)" } ?? ""
    entries[refusal.cause, default: Entry()].unlogged += 1
    entries[refusal.cause, default: Entry()].newest =
      "refused a client at \(peer)\(name): \(refusal.reason)"
  }

  /// The lines to log now.
  mutating func takeLines(at now: Int64) -> [String] {
    var lines: [String] = []
    for cause in FleetRefusal.Cause.allCases {
      guard var entry = entries[cause], entry.unlogged > 0,
        entry.loggedAt.map({ now - $0 >= Self.pause }) ?? true
      else { continue }
      let more = entry.unlogged > 1 ? " (and \(entry.unlogged - 1) more for this cause)" : ""
      lines.append(entry.newest + more)
      (entry.loggedAt, entry.unlogged) = (now, 0)
      entries[cause] = entry
    }
    return lines
  }
}
