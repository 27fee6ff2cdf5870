/// The recorded points that may not be in the file yet: readers take them before they open the file.
struct RecentHistory: Sendable {
  /// In the order of recording; the last block is still open.
  var blocks: [HistoryBlock] = []
  /// Processes that may be missing from the file.
  var appeared: [RecordedProcess] = []
}

/// The data that one flush writes to the file.
struct HistoryBatch: Sendable {
  /// Complete blocks and the open block.
  var blocks: [HistoryBlock]
  var appeared: [RecordedProcess]
  /// Processes that exited.
  var exited: [ExitedProcess]
  /// Minutes of other hosts.
  var fleet: [FleetBlock] = []

  var isEmpty: Bool { blocks.isEmpty && appeared.isEmpty && exited.isEmpty && fleet.isEmpty }
}

/// The end of a process, or of one of its names.
struct ExitedProcess: Sendable, Equatable {
  var process: ProcessReference
  /// Milliseconds since the epoch.
  var time: Int64
  /// The last block that refers to it.
  var block: Int64
}
