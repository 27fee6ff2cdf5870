/// Whoever keeps the samples of the fleet.
///
/// All of it is called by the one thread that all agents share, so none of it may wait for a disk.
protocol FleetRecorder: Sendable {
  /// Takes a sample, in whatever order they come; one may come again.
  ///
  /// - Parameters:
  ///   - isProvisional: Whether anybody may have made up the name of the host: nothing of it goes to the file yet.
  ///   - isOpening: Whether it is the first of a connection, and so the oldest that its agent still has.
  func record(_ sample: HostSample, isProvisional: Bool, isOpening: Bool)

  /// How far the samples of a run are safe.
  func standing(host: String, run: String) -> FleetStanding
}

/// How far the samples of a run of an agent are safe.
struct FleetStanding: Sendable, Equatable {
  /// The number up to which all of them are in the file; 0 when none is.
  var stored: UInt64 = 0
  /// The first of those that came while nothing was recorded and that could be recorded now.
  var again: UInt64?
  /// Whether what comes now is recorded.
  var isRecording = true
}
