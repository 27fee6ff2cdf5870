/// What the recorder does, as `/system` and the page show it.
struct RecorderState: Sendable, Equatable {
  /// Whether it is switched on.
  var isOn: Bool
  /// Milliseconds since the epoch at which it was switched on, or off.
  var since: Int64
  /// Why nothing reaches the file although it is switched on.
  var fault: String?
  /// The file; `nil` when there is no place for one.
  var path: String?
  /// Bytes that the file takes, the log beside it included.
  var size: Int64 = 0
  /// Bytes that it may take.
  var limit: Int64
  /// The first moment that was recorded, in milliseconds since the epoch.
  var oldest: Int64?
  /// The last moment that is surely in the file.
  var flushedThrough: Int64?
  /// Points that are in memory only.
  var heldPoints = 0
  /// Points that were given up since the start, because the file could not be written for too long.
  var lostPoints = 0
  /// Counts the files since the start; another one means that readers must open it anew.
  var generation = 0

  /// Whether what is sampled now will be found in the file.
  var isRecording: Bool { isOn && fault == nil }
}
