import SQLite

/// Keeps a history file within its budget.
///
/// Not Sendable: it belongs to the ``HistoryStore`` of the file.
final class HistoryRoom {
  private let database: Database
  private let fleet: HostBlockStore
  private let series: SeriesStore
  /// The number of process rows; `nil` until counted.
  private var processCount: Int64?

  init(_ database: Database, _ fleet: HostBlockStore, _ series: SeriesStore) {
    self.database = database
    self.fleet = fleet
    self.series = series
  }

  /// Counts a written process.
  func noteProcess() { processCount? += 1 }

  /// Discards the counts after a failed transaction.
  func forgetCounts() { processCount = nil }

  /// Shrinks a file that already exceeds its budget, in steps that fit into the write-ahead log.
  ///
  /// This happens after the limit was lowered, and with files of a version that deleted no names.
  ///
  /// - Parameter emptyLog: Checkpoints the write-ahead log.
  func shrink(_ budget: FileBudget, emptyLog: () throws -> Void) throws {
    while series.hasSurplus(bytes: budget.names) {
      try database.transaction { _ = try series.forgetSurplus(bytes: budget.names) }
      try emptyLog()
    }
    while try isTooLarge(budget) {
      let before = try pageCounts()
      try database.transaction {
        for _ in 0..<Self.stepsAtOnce {
          guard try usedPages() > budget.filePages, try removeSomething(budget) else { break }
        }
        try giveBack(budget)
      }
      guard try pageCounts() != before else { break }
      try emptyLog()
    }
  }

  private static let stepsAtOnce = 64
  /// The limit of pages that one transaction returns to the disk.
  private static let pagesAtOnce: Int64 = 512
  /// The number of processes that are removed at once.
  private static let processesAtOnce = 2048

  /// Deletes the oldest data until the file fits, and returns the space to the disk.
  ///
  /// - Throws: ``HistoryFault/limitTooSmall(limit:)`` when it cannot fit.
  func make(_ budget: FileBudget) throws {
    while try usedPages() > budget.filePages {
      guard try removeSomething(budget) else {
        throw HistoryFault.limitTooSmall(limit: budget.limit)
      }
    }
    try giveBack(budget)
  }

  /// Removes a small amount of the data that exceeds its share most.
  ///
  /// - Returns: `false` when there is nothing left to remove.
  private func removeSomething(_ budget: FileBudget) throws -> Bool {
    // Half of the file is reserved for this machine, and at most half of that is for names of processes.
    let isFleet = try fleet.bytes() > budget.file / 2
    if isFleet, try fleet.removeOldest() { return true }
    let first = try database.integer("SELECT min(id) FROM block") ?? 0
    if try series.forget(before: first) { return true }
    if try removeUnnamed() { return true }
    if try countProcesses() > budget.processes, try removeEnded() { return true }
    if try removeOldestBlock(first) { return true }
    if try !isFleet && fleet.removeOldest() { return true }
    return try removeEnded()
  }

  /// - Returns: `false` when only the newest block is left.
  private func removeOldestBlock(_ first: Int64) throws -> Bool {
    try database.run(
      "DELETE FROM block WHERE id = ? AND id < (SELECT max(id) FROM block)", .integer(first))
    return database.changes > 0
  }

  /// Removes processes to which only deleted blocks referred.
  private func removeUnnamed() throws -> Bool {
    let first = try database.integer("SELECT min(first) FROM block") ?? 0
    try database.run(
      """
      DELETE FROM process WHERE id IN
      (SELECT id FROM process WHERE ended < ? ORDER BY ended LIMIT \(Self.processesAtOnce))
      """, .integer(first))
    return noteRemovedProcesses()
  }

  /// Removes the processes that exited first, even if blocks refer to them, except the one with the greatest number,
  /// from which the next run continues.
  private func removeEnded() throws -> Bool {
    try database.run(
      """
      DELETE FROM process WHERE id IN
      (SELECT id FROM process WHERE ended IS NOT NULL ORDER BY ended LIMIT \(Self.processesAtOnce))
      AND id < (SELECT max(id) FROM process)
      """)
    return noteRemovedProcesses()
  }

  private func noteRemovedProcesses() -> Bool {
    let count = database.changes
    processCount? -= Int64(count)
    return count > 0
  }

  private func countProcesses() throws -> Int64 {
    if let processCount { return processCount }
    let count = try database.integer("SELECT count(*) FROM process") ?? 0
    processCount = count
    return count
  }

  /// Returns free pages to the disk, up to a limit per call.
  private func giveBack(_ budget: FileBudget) throws {
    let surplus = try pageCounts().all - budget.filePages
    guard surplus > 0 else { return }
    try database.execute("PRAGMA incremental_vacuum(\(min(surplus, Self.pagesAtOnce)))")
  }

  private struct PageCounts: Equatable {
    var all: Int64
    var free: Int64
  }

  private func pageCounts() throws -> PageCounts {
    PageCounts(
      all: try database.integer("PRAGMA page_count") ?? 0,
      free: try database.integer("PRAGMA freelist_count") ?? 0)
  }

  private func usedPages() throws -> Int64 {
    let counts = try pageCounts()
    return counts.all - counts.free
  }

  private func isTooLarge(_ budget: FileBudget) throws -> Bool {
    try pageCounts().all > budget.filePages
  }
}
