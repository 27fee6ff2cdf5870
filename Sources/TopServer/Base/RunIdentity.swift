import Linux

/// Identifies the machine, its boot and this run of the server.
struct RunIdentity: Sendable, Equatable {
  var hostName: String
  /// The kernel's UUID of this boot.
  var bootID: String

  /// A text that differs between any two runs on any machines, since each run restarts its sequence numbers.
  ///
  /// For a hub it proves that a client is the run that owns a host's name. So no client can guess it, and no answer shows
  /// the tag of an agent.
  var tag = Self.randomTag()

  /// 128 random bits of the kernel in at most 27 characters.
  ///
  /// See getrandom(2).
  private static func randomTag() -> String {
    var source = SystemRandomNumberGenerator()
    return (0..<2).map { _ in String(UInt64.random(in: 0...UInt64.max, using: &source), radix: 36) }
      .joined(separator: "-")
  }
}
