import ProcFS
import SQLite

/// The history file, as its one writer sees it.
///
/// Not Sendable: it belongs to the actor that writes.
final class HistoryStore {
  /// How long blocks keep their resolution, in milliseconds.
  static let sampleAge: Int64 = 3_600_000
  static let tenSecondsAge: Int64 = 24 * 3_600_000

  private let database: Database
  private let archive: HistoryArchive
  private let fleet: HostBlockStore
  private var seriesNumbers: [String: Int64] = [:]

  /// Opens the file, or makes it.
  ///
  /// - Throws: ``HistoryFault`` or `SQLiteError`.
  init(path: String) throws {
    database = try Database(path: path, mode: .readWrite)
    try HistorySchema.migrate(database)
    // A crash of the program loses no commit; one of the machine may lose the newest, but never the file.
    try database.execute("PRAGMA synchronous = NORMAL")
    try database.execute("PRAGMA foreign_keys = ON")
    try database.execute("PRAGMA wal_autocheckpoint = \(Self.logPages)")
    try database.execute("PRAGMA journal_size_limit = \(Self.logPages * 4096)")
    archive = HistoryArchive(database)
    fleet = HostBlockStore(database)
    for (number, series) in try archive.series() { seriesNumbers[series.name] = number }
  }

  /// Pages that the log beside the file may have before they move into it.
  private static let logPages: Int64 = 256

  /// Ends the processes of runs that were cut off: they lived as long as their last block, as far as anyone knows.
  ///
  /// - Parameter number: Those of this run are numbered from here.
  func endRuns(before number: Int64) throws {
    let end = try database.integer("SELECT max(last) FROM block WHERE id < ?", .integer(number))
    try database.run(
      "UPDATE process SET ended = ? WHERE ended IS NULL AND id < ?", .integer(end ?? 0),
      .integer(number))
  }

  /// A number above all that the file uses.
  func firstFreeNumber() throws -> Int64 {
    let block = try database.integer("SELECT max(id) FROM block") ?? 0
    let process = try database.integer("SELECT max(id) FROM process") ?? 0
    return max(block, process) + 1
  }

  /// The hosts of the fleet, in the order of their numbers.
  func hosts() throws -> [String] { try archive.hosts() }

  /// Looks through the whole file.
  ///
  /// - Throws: `SQLiteError` when it is damaged.
  func check() throws { try database.check() }

  /// The first moment that the file tells of, in milliseconds since the epoch.
  func oldest() throws -> Int64? { try database.integer("SELECT min(first) FROM block") }

  private lazy var pageSize: Int64 = (try? database.integer("PRAGMA page_size")) ?? 4096

  /// Writes all of a batch or nothing.
  ///
  /// - Parameter limit: Bytes that the file may have; the oldest blocks make room.
  func write(_ batch: HistoryBatch, limit: Int64) throws {
    try database.transaction {
      for process in batch.met { try insert(process) }
      for (process, time) in batch.gone {
        try database.run(
          "UPDATE process SET ended = ? WHERE id = ?", .integer(time), .integer(process))
      }
      for block in batch.blocks { try replace(block) }
      try fleet.write(batch.fleet)
      if let newest = batch.blocks.map(\.last).max() {
        try thin(now: newest)
        try fleet.thin(now: newest)
      }
      try makeRoom(limit: limit)
    }
  }

  // MARK: - Rows

  private func insert(_ process: RecordedProcess) throws {
    try database.run(
      "INSERT OR REPLACE INTO process VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
      .integer(process.reference), .text(process.bootID), .integer(Int64(process.identity.pid)),
      .integer(Int64(clamping: process.identity.startTicks)), .integer(process.startTime),
      .text(process.name), .integer(Int64(process.uid)), .integer(Int64(process.parentPID)),
      .integer(process.isKernelThread ? 1 : 0))
  }

  /// The block that is still being filled is written anew each time.
  private func replace(_ block: HistoryBlock) throws {
    let encoded = try block.encoded { try number(of: $0) }
    try database.run(
      "INSERT OR REPLACE INTO block VALUES (?, ?, ?, ?, ?, ?, ?)",
      .integer(block.id), .integer(block.resolution.rawValue), .integer(block.first),
      .integer(block.last), .blob(encoded.points), .blob(encoded.series), .blob(encoded.processes))
    for (what, range) in PastUse.parts(of: block) {
      // The column has whole seconds; what they stand for is scaled, so that the mean stays what it is.
      let seconds = max(1, range.weight.rounded())
      try database.run(
        "INSERT OR REPLACE INTO past_use VALUES (?, ?, ?, ?, ?, ?)", .integer(block.id),
        .integer(what.rawValue), .integer(Int64(seconds)), .real(range.minimum),
        .real(range.total / range.weight * seconds), .real(range.maximum))
    }
  }

  private func number(of series: Series) throws -> Int64 {
    if let number = seriesNumbers[series.name] { return number }
    try database.run(
      "INSERT INTO series (name, scale) VALUES (?, ?)", .text(series.name), .real(series.scale))
    let number = database.lastInsertedRowID
    seriesNumbers[series.name] = number
    return number
  }

  // MARK: - Age

  private func thin(now: Int64) throws {
    try thin(.sample, to: .tenSeconds, span: 600_000, before: now - Self.sampleAge)
    try thin(.tenSeconds, to: .minute, span: 3_600_000, before: now - Self.tenSecondsAge)
  }

  /// Merges the oldest blocks of a resolution whose span lies before a time; one span at a time, so no batch takes long.
  private func thin(
    _ from: HistoryBlock.Resolution, to coarser: HistoryBlock.Resolution, span: Int64,
    before limit: Int64
  ) throws {
    guard
      let oldest = try database.integer(
        "SELECT min(last) FROM block WHERE resolution = ?", .integer(from.rawValue))
    else { return }
    let start = oldest / span * span
    guard start + span <= limit else { return }
    let blocks = try archive.blocks(
      from: start, to: start + span - 1, series: try archive.series(), processes: true
    ).filter { $0.resolution == from && $0.last / span * span == start }
    // By time, so that those go too that could not be read.
    try database.run(
      "DELETE FROM block WHERE resolution = ? AND last >= ? AND last < ?", .integer(from.rawValue),
      .integer(start), .integer(start + span))
    if let merged = Thinning.merge(blocks, to: coarser) { try replace(merged) }
  }

  private func delete(_ block: Int64) throws {
    try database.run("DELETE FROM block WHERE id = ?", .integer(block))
  }

  // MARK: - Room

  /// Deletes the oldest blocks until the file fits, and gives the space back.
  private func makeRoom(limit: Int64) throws {
    let pages = max(16, (limit - Self.logPages * 4096) / pageSize)
    while try usedPages() > pages {
      // Half of the file is this host's own, if it needs that much.
      let isFleet = try fleet.bytes() > pages * pageSize / 2
      if isFleet, try fleet.removeOldest() { continue }
      if try removeOldest() { continue }
      guard try !isFleet && fleet.removeOldest() else { break }
    }
    let count = try database.integer("PRAGMA page_count") ?? 0
    if count > pages { try database.execute("PRAGMA incremental_vacuum(\(count - pages))") }
  }

  /// - Returns: Whether there was anything to remove.
  private func removeOldest() throws -> Bool {
    guard
      let oldest = try database.integer(
        "SELECT min(id) FROM block WHERE id < (SELECT max(id) FROM block)")
    else { return false }
    try delete(oldest)
    // Where many processes come and go, those that only it told of take more room than the block did.
    let first = try database.integer("SELECT min(first) FROM block") ?? 0
    try database.run("DELETE FROM process WHERE ended < ?", .integer(first))
    return true
  }

  private func usedPages() throws -> Int64 {
    (try database.integer("PRAGMA page_count") ?? 0)
      - (try database.integer("PRAGMA freelist_count") ?? 0)
  }
}
