/// Whoever keeps the samples of the fleet.
///
/// Both are called by the one thread that all agents share, so neither may wait for a disk.
protocol FleetRecorder: Sendable {
  /// Takes a sample, in whatever order they come; after a restart of the hub one may come again.
  func take(_ sample: HostSample)

  /// The sequence number up to which all samples of a run are safe in the file; `nil` when none is.
  func storedThrough(host: String, run: String) -> UInt64?
}
