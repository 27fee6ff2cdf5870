/// The state of the recorder, as `/system` and the page show it.
struct RecorderState: Sendable, Equatable {
  /// Whether it is switched on.
  var isOn: Bool
  /// When it was switched on or off, in milliseconds since the epoch.
  var since: Int64
  /// Why it cannot write to the file although it is switched on.
  var fault: String?
  /// The path of the file; `nil` when there is no folder for it.
  var path: String?
  /// The size of the file in bytes, including its write-ahead log.
  var size: Int64 = 0
  /// The limit of that size in bytes.
  var limit: Int64
  /// The first recorded moment, in milliseconds since the epoch.
  var oldest: Int64?
  /// The last moment that is certainly in the file.
  var flushedThrough: Int64?
  /// The number of points that are in memory only.
  var heldPoints = 0
  /// The number of points dropped since the start, because the file could not be written for too long.
  var lostPoints = 0
  /// The number of files opened since the start; when it changes, readers must reopen the file.
  var generation = 0

  /// Whether new samples reach the file.
  var isRecording: Bool { isOn && fault == nil }
}
