/// Stores the samples of the fleet.
///
/// All agents share the thread that calls it, so no method may wait for a disk.
protocol FleetRecorder: Sendable {
  /// Records a sample; samples may come in any order, and more than once.
  ///
  /// - Parameters:
  ///   - isProvisional: Whether a client may have invented the host's name, so that its samples must stay out of the
  ///     file.
  ///   - isOpening: Whether this is the first sample of a connection, and so the oldest that its agent still has.
  func record(_ sample: HostSample, isProvisional: Bool, isOpening: Bool)

  /// Which samples of a run are in the file.
  func standing(host: String, run: String) -> FleetStanding

  /// The samples that were dropped because they waited too long for the file, or too many did.
  var lostSamples: Int { get }
}

/// Which samples of an agent's run are in the file.
struct FleetStanding: Sendable, Equatable {
  /// All samples up to this number are in the file; 0 when none is.
  var stored: UInt64 = 0
  /// The first sample that arrived while nothing was recorded and that could be recorded now.
  var again: UInt64?
  /// Whether new samples are recorded.
  var isRecording = true
}
