/// The parts of an agent's run tag: the boot of its machine, and when the run began.
///
/// ``RunIdentity/tag`` writes it. Other clients may use any other form.
struct RunTag: Sendable, Equatable {
  /// The first half of the kernel's UUID of this boot, which no other machine knows.
  var boot: Substring
  /// Nanoseconds since boot.
  var started: Int64

  /// - Returns: `nil` when the tag is not one of our agents.
  init?(_ run: String) {
    let parts = run.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].utf8.count == 12, parts[0].allSatisfy(\.isHexDigit),
      let started = Int64(parts[1], radix: 36), started >= 0
    else { return nil }
    (boot, self.started) = (parts[0], started)
  }
}
