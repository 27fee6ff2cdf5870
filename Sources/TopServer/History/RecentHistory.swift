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
  /// Processes that went away, and when, in milliseconds since the epoch.
  var gone: [(process: ProcessReference, time: Int64)]
  /// Minutes of other hosts.
  var fleet: [FleetBlock] = []

  var isEmpty: Bool { blocks.isEmpty && met.isEmpty && gone.isEmpty && fleet.isEmpty }
}
