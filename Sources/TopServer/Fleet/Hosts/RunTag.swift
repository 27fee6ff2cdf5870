/// What the run of an agent says of itself: on which boot of which machine it runs, and when it began.
///
/// ``RunIdentity/tag`` writes it. Clients that others wrote may have runs of any other form.
struct RunTag: Sendable, Equatable {
  /// The first half of the kernel's identity of this boot, which no other machine knows.
  var boot: Substring
  /// Nanoseconds since boot.
  var started: Int64

  /// - Returns: `nil` when the run was not named by an agent of ours.
  init?(_ run: String) {
    let parts = run.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].utf8.count == 12, parts[0].allSatisfy(\.isHexDigit),
      let started = Int64(parts[1], radix: 36), started >= 0
    else { return nil }
    (boot, self.started) = (parts[0], started)
  }
}
