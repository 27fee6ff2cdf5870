import Linux

/// Which machine, which boot, which run of the server.
struct RunIdentity: Sendable, Equatable {
  var hostName: String
  /// The kernel's identity of this boot, a UUID.
  var bootID: String
  /// When this run began, in nanoseconds since boot.
  var started: Int64

  /// Different for any two runs, on whatever machine: sequence numbers begin anew with each.
  var tag: String {
    "\(bootID.filter { $0 != "-" }.prefix(12))-\(String(started, radix: 36))"
  }
}
