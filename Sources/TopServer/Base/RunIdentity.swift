import Linux

/// Identifies the machine, its boot and this run of the server.
struct RunIdentity: Sendable, Equatable {
  var hostName: String
  /// The kernel's UUID of this boot.
  var bootID: String
  /// When this run began, in nanoseconds since boot.
  var started: Int64

  /// A text that differs between any two runs on any machines, since each run restarts its sequence numbers.
  var tag: String {
    "\(bootID.filter { $0 != "-" }.prefix(12))-\(String(started, radix: 36))"
  }
}
