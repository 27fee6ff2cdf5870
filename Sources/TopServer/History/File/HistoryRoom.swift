import SQLite

/// Keeps a history file within its budget.
///
/// Not Sendable: it belongs to the ``HistoryStore`` of the file.
final class HistoryRoom {
  private let database: Database
  private let fleet: HostBlockStore
  private let series: SeriesStore
  /// Rows of processes; `nil` until they are counted.
  private var processCount: Int64?

  init(_ database: Database, _ fleet: HostBlockStore, _ series: SeriesStore) {
    self.database = database
    self.fleet = fleet
    self.series = series
  }

  /// One more process was written.
  func noteProcess() { processCount? += 1 }

  /// What was counted does not hold any more, since a transaction was not kept.
  func forgetCounts() { processCount = nil }

  /// Brings a file that exceeds its budget already nearer to it, in steps that are small for the log.
  ///
  /// So it is after the limit was lowered, and with a file of a version that forgot no names.
  ///
  /// - Parameter emptyLog: Moves what is in the log into the file.
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
  /// Pages that one transaction gives back to the disk at most.
  private static let pagesAtOnce: Int64 = 512
  /// Processes that make room at once.
  private static let processesAtOnce = 2048

  /// Deletes the oldest until the file fits, and gives the space back.
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

  /// Removes the least that there is to remove, of what is most in the way.
  ///
  /// - Returns: Whether there was anything.
  private func removeSomething(_ budget: FileBudget) throws -> Bool {
    // Half of the file is this host's own, if it needs that much, and half of that is not names of processes.
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

  /// - Returns: Whether there was a block that is not the newest.
  private func removeOldestBlock(_ first: Int64) throws -> Bool {
    try database.run(
      "DELETE FROM block WHERE id = ? AND id < (SELECT max(id) FROM block)", .integer(first))
    return database.changes > 0
  }

  /// Removes processes that only blocks told of that are gone.
  private func removeUnnamed() throws -> Bool {
    let first = try database.integer("SELECT min(first) FROM block") ?? 0
    try database.run(
      """
      DELETE FROM process WHERE id IN
      (SELECT id FROM process WHERE ended < ? ORDER BY ended LIMIT \(Self.processesAtOnce))
      """, .integer(first))
    return noteRemovedProcesses()
  }

  /// Removes the processes that ended first, although blocks tell of them; never the one after whose number those of the
  /// next run begin.
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

  /// Makes the file as small as it may be, a part of the way at most.
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
