/// What is recorded and not yet all in the file: readers take it before they open the file.
struct RecentHistory: Sendable {
  /// In the order of recording; the last one is still being filled.
  var blocks: [HistoryBlock] = []
  /// Processes that the file may not have.
  var met: [RecordedProcess] = []
}

/// What is written to the file at once.
struct HistoryBatch: Sendable {
  /// Whole blocks, and the one that is being filled as far as it is.
  var blocks: [HistoryBlock]
  var met: [RecordedProcess]
  /// Processes that ended.
  var gone: [GoneProcess]
  /// Minutes of other hosts.
  var fleet: [FleetBlock] = []

  var isEmpty: Bool { blocks.isEmpty && met.isEmpty && gone.isEmpty && fleet.isEmpty }
}

/// The end of a process, or of a name that it had.
struct GoneProcess: Sendable, Equatable {
  var process: ProcessReference
  /// Milliseconds since the epoch.
  var time: Int64
  /// The last block that names it.
  var block: Int64
}
