import Linux
import ProcFS
import SQLite

/// Writes the history file.
///
/// Not Sendable: it belongs to the actor that writes.
final class HistoryStore {
  /// How long blocks keep their resolution, in milliseconds.
  static let sampleAge: Int64 = 3_600_000
  static let tenSecondsAge: Int64 = 24 * 3_600_000

  private let database: Database
  private let archive: HistoryArchive
  private let fleet: HostBlockStore
  private let series: SeriesStore
  private let room: HistoryRoom
  /// The path without links, since the write-ahead log is next to the file and not next to a link.
  private let path: String
  private let pageSize: Int64
  private var budget: FileBudget?
  /// Bytes by which the write-ahead log recently grew per part of a batch.
  private var growth: Int64 = 0
  /// Whether a reader prevented the last checkpoint.
  private var isLogHeld = false
  private let patience: Duration

  /// Opens the file, or creates it.
  ///
  /// - Parameter patience: How long to wait for readers before the write-ahead log counts as held: longer than our own
  ///   queries take. While it is held, a third of that.
  /// - Throws: ``HistoryFault`` or `SQLiteError`.
  init(path: String, patience: Duration = .seconds(3)) throws {
    self.patience = patience
    database = try Database(path: path, mode: .readWrite)
    try HistorySchema.migrate(database)
    self.path = Files.resolved(path)
    // A crash of the program loses no commit. A crash of the machine may lose the newest commits, but never the file.
    try database.execute("PRAGMA synchronous = NORMAL")
    try database.execute("PRAGMA foreign_keys = ON")
    pageSize = try database.integer("PRAGMA page_size") ?? 4096
    archive = HistoryArchive(database)
    fleet = HostBlockStore(database)
    series = try SeriesStore(database)
    room = HistoryRoom(database, fleet, series)
  }

  /// Ends the processes of interrupted runs at the time of their last block.
  ///
  /// - Parameter number: The first number of this run.
  func endRuns(before number: Int64) throws {
    let end = try database.integer("SELECT max(last) FROM block WHERE id < ?", .integer(number))
    try database.run(
      "UPDATE process SET ended = ? WHERE ended IS NULL AND id < ?", .integer(end ?? 0),
      .integer(number))
  }

  /// A number above all numbers in the file.
  func firstFreeNumber() throws -> Int64 {
    let block = try database.integer("SELECT max(id) FROM block") ?? 0
    let process = try database.integer("SELECT max(id) FROM process") ?? 0
    return max(block, process) + 1
  }

  /// The hosts of the fleet, in the order of their numbers.
  func hosts() throws -> [String] { try archive.hosts() }

  /// Checks the integrity of the whole file.
  ///
  /// - Throws: `SQLiteError` when it is damaged.
  func check() throws { try database.check() }

  /// The first recorded moment, in milliseconds since the epoch.
  func oldest() throws -> Int64? { try database.integer("SELECT min(first) FROM block") }

  /// Writes a batch in parts, each in one transaction; writing a part again has no effect.
  ///
  /// - Parameter limit: The size limit in bytes of the file and its write-ahead log; the oldest data is removed to keep
  ///   it.
  /// - Throws: ``HistoryFault`` or `SQLiteError`; discard this object then, unless the fault is
  ///   ``HistoryFault/heldByReader(limit:)``.
  func write(_ batch: HistoryBatch, limit: Int64) throws {
    let budget = try budget(limit)
    // After a failed transaction the counts are wrong.
    var isWhole = false
    defer { if !isWhole { room.forgetCounts() } }
    series.expect(batch.blocks)
    try emptyLog(budget)
    try room.shrink(budget) { try emptyLog(budget) }
    let parts = batch.parts
    for (index, part) in parts.enumerated() {
      if index > 0 { try emptyLog(budget) }
      let before = Self.bytes(of: path + "-wal")
      let isLast = index == parts.count - 1
      try database.transaction {
        try write(part)
        if isLast { try finish(batch, budget) }
        try room.make(budget)
      }
      growth = max(growth / 2, Self.bytes(of: path + "-wal") - before)
    }
    isWhole = true
  }

  private func write(_ part: HistoryBatch) throws {
    for process in part.appeared { try insert(process) }
    for block in part.blocks { try replace(block) }
    try fleet.write(part.fleet)
    for process in part.exited {
      try database.run(
        "UPDATE process SET ended = ? WHERE id = ?", .integer(process.time),
        .integer(process.process))
    }
  }

  /// Finishes a batch: marks unused series and merges old blocks.
  private func finish(_ batch: HistoryBatch, _ budget: FileBudget) throws {
    guard let newest = batch.blocks.map(\.last).max() else { return }
    try series.markEnded()
    _ = try series.forgetSurplus(bytes: budget.names)
    try thin(now: newest)
    try fleet.thin(now: newest)
  }

  // MARK: - Write-ahead log

  private func budget(_ limit: Int64) throws -> FileBudget {
    if let budget, budget.limit == limit { return budget }
    let budget = FileBudget(limit: limit, pageSize: pageSize)
    try database.execute("PRAGMA wal_autocheckpoint = \(budget.logPages)")
    try database.execute("PRAGMA journal_size_limit = \(budget.logPages * pageSize)")
    self.budget = budget
    return budget
  }

  /// The size in bytes of a history file and its write-ahead log.
  ///
  /// - Parameter path: A path without links.
  static func size(of path: String) -> Int64 {
    ["", "-wal", "-shm"].reduce(0) { $0 + bytes(of: path + $1) }
  }

  private static func bytes(of path: String) -> Int64 { (try? Files.size(of: path)) ?? 0 }

  /// Checkpoints the write-ahead log, if the next part could exceed the limit otherwise.
  ///
  /// A reader with an open transaction prevents the checkpoint, and the log keeps growing.
  ///
  /// - Throws: ``HistoryFault/heldByReader(limit:)`` when a reader does so and the limit is reached.
  private func emptyLog(_ budget: FileBudget) throws {
    // The next part is about as large as the last ones, and at least a few pages.
    let next = max(growth, 16 * pageSize)
    guard Self.size(of: path) + next > budget.limit else { return }
    let isEmptied = try database.emptyLog(patience: isLogHeld ? patience / 3 : patience)
    isLogHeld = !isEmptied
    guard isEmptied || Self.size(of: path) + next <= budget.limit else {
      throw HistoryFault.heldByReader(limit: budget.limit)
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
    room.noteProcess()
  }

  /// Writes a block; the open block is replaced each time.
  private func replace(_ block: HistoryBlock) throws {
    let encoded = try block.encoded { try series.number(of: $0, in: block.id) }
    try database.run(
      "INSERT OR REPLACE INTO block VALUES (?, ?, ?, ?, ?, ?, ?)",
      .integer(block.id), .integer(block.resolution.rawValue), .integer(block.first),
      .integer(block.last), .blob(encoded.points), .blob(encoded.series), .blob(encoded.processes))
    for (what, range) in RecordedMachineUse.parts(of: block) {
      // The column holds whole seconds; scale the sum so that the mean stays the same.
      let seconds = max(1, range.weight.rounded())
      try database.run(
        "INSERT OR REPLACE INTO past_use VALUES (?, ?, ?, ?, ?, ?)", .integer(block.id),
        .integer(what.rawValue), .integer(Int64(seconds)), .real(range.minimum),
        .real(range.total / range.weight * seconds), .real(range.maximum))
    }
  }

  // MARK: - Age

  private func thin(now: Int64) throws {
    try thin(.sample, to: .tenSeconds, span: 600_000, before: now - Self.sampleAge)
    try thin(.tenSeconds, to: .minute, span: 3_600_000, before: now - Self.tenSecondsAge)
  }

  /// Merges the oldest blocks of a resolution whose span ended before a time; one span per batch, which bounds its
  /// duration.
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
    // Delete by time, so that unreadable blocks are deleted, too.
    try database.run(
      "DELETE FROM block WHERE resolution = ? AND last >= ? AND last < ?", .integer(from.rawValue),
      .integer(start), .integer(start + span))
    if let merged = Thinning.merge(blocks, to: coarser) { try replace(merged) }
  }
}
