/// Which of the clients that a hub turns away its log tells of: for each cause the first, and then one a minute with the
/// number of the others, since anybody can be turned away as often as he likes.
struct RefusalLog: Sendable {
  private struct Entry: Sendable {
    /// Nanoseconds since boot; `nil` when nothing of this cause was told yet.
    var toldAt: Int64?
    var untold = 0
    var newest = ""
  }

  /// Nanoseconds between two lines about one cause.
  private static let pause: Int64 = 60_000_000_000

  private var entries: [FleetRefusal.Cause: Entry] = [:]

  /// A client was turned away.
  ///
  /// - Parameters:
  ///   - peer: Its address.
  ///   - host: The name that it used, if that was looked at.
  mutating func note(_ refusal: FleetRefusal, peer: String, host: String?) {
    let name = host.map { " as \($0)" } ?? ""
    entries[refusal.cause, default: Entry()].untold += 1
    entries[refusal.cause, default: Entry()].newest =
      "refused a client at \(peer)\(name): \(refusal.reason)"
  }

  /// What is to be told now.
  mutating func takeLines(at now: Int64) -> [String] {
    var lines: [String] = []
    for cause in FleetRefusal.Cause.allCases {
      guard var entry = entries[cause], entry.untold > 0,
        entry.toldAt.map({ now - $0 >= Self.pause }) ?? true
      else { continue }
      let more = entry.untold > 1 ? " (and \(entry.untold - 1) more for this cause)" : ""
      lines.append(entry.newest + more)
      (entry.toldAt, entry.untold) = (now, 0)
      entries[cause] = entry
    }
    return lines
  }
}
