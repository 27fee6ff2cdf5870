import Linux
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
  private let series: SeriesStore
  private let room: HistoryRoom
  /// The path without links: the log lies beside the file, and not beside a link to it.
  private let path: String
  private let pageSize: Int64
  private var budget: FileBudget?
  /// Bytes by which the log grew with a part of a batch, if it has grown lately.
  private var growth: Int64 = 0
  /// Whether something was in the way when the log was last emptied.
  private var isLogHeld = false
  private let patience: Duration

  /// Opens the file, or makes it.
  ///
  /// - Parameter patience: How long to wait for readers before the log beside the file counts as held: longer than our own
  ///   questions take. Once it is held, a third of that.
  /// - Throws: ``HistoryFault`` or `SQLiteError`.
  init(path: String, patience: Duration = .seconds(3)) throws {
    self.patience = patience
    database = try Database(path: path, mode: .readWrite)
    try HistorySchema.migrate(database)
    self.path = Files.resolved(path)
    // A crash of the program loses no commit; one of the machine may lose the newest, but never the file.
    try database.execute("PRAGMA synchronous = NORMAL")
    try database.execute("PRAGMA foreign_keys = ON")
    pageSize = try database.integer("PRAGMA page_size") ?? 4096
    archive = HistoryArchive(database)
    fleet = HostBlockStore(database)
    series = try SeriesStore(database)
    room = HistoryRoom(database, fleet, series)
  }

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

  /// Writes a batch part by part, each of them whole or not at all; a part that is written again does no harm.
  ///
  /// - Parameter limit: Bytes that the file and the log beside it may have; the oldest makes room.
  /// - Throws: ``HistoryFault`` or `SQLiteError`; this object must not be used any more then, unless the fault is
  ///   ``HistoryFault/heldByReader(limit:)``.
  func write(_ batch: HistoryBatch, limit: Int64) throws {
    let budget = try budget(limit)
    // What a part that is not kept has counted is not there.
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
    for process in part.met { try insert(process) }
    for block in part.blocks { try replace(block) }
    try fleet.write(part.fleet)
    for process in part.gone {
      try database.run(
        "UPDATE process SET ended = ? WHERE id = ?", .integer(process.time),
        .integer(process.process))
    }
  }

  /// What follows from a batch that is written.
  private func finish(_ batch: HistoryBatch, _ budget: FileBudget) throws {
    guard let newest = batch.blocks.map(\.last).max() else { return }
    try series.markEnded()
    _ = try series.forgetSurplus(bytes: budget.names)
    try thin(now: newest)
    try fleet.thin(now: newest)
  }

  // MARK: - The log beside the file

  private func budget(_ limit: Int64) throws -> FileBudget {
    if let budget, budget.limit == limit { return budget }
    let budget = FileBudget(limit: limit, pageSize: pageSize)
    try database.execute("PRAGMA wal_autocheckpoint = \(budget.logPages)")
    try database.execute("PRAGMA journal_size_limit = \(budget.logPages * pageSize)")
    self.budget = budget
    return budget
  }

  /// Bytes of a history file with the files beside it that belong to it.
  ///
  /// - Parameter path: Without links.
  static func size(of path: String) -> Int64 {
    ["", "-wal", "-shm"].reduce(0) { $0 + bytes(of: path + $1) }
  }

  private static func bytes(of path: String) -> Int64 { (try? Files.size(of: path)) ?? 0 }

  /// Moves what is in the log into the file, if both could exceed the limit otherwise.
  ///
  /// A reader that keeps a transaction open needs the log as it is, and all that is written meanwhile goes behind that.
  ///
  /// - Throws: ``HistoryFault/heldByReader(limit:)`` when that is so and there is no room left.
  private func emptyLog(_ budget: FileBudget) throws {
    // What comes is about as much as what came before, and no part is smaller than some pages.
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

  /// The block that is still being filled is written anew each time.
  private func replace(_ block: HistoryBlock) throws {
    let encoded = try block.encoded { try series.number(of: $0, in: block.id) }
    try database.run(
      "INSERT OR REPLACE INTO block VALUES (?, ?, ?, ?, ?, ?, ?)",
      .integer(block.id), .integer(block.resolution.rawValue), .integer(block.first),
      .integer(block.last), .blob(encoded.points), .blob(encoded.series), .blob(encoded.processes))
    for (what, range) in RecordedMachineUse.parts(of: block) {
      // The column has whole seconds; what they stand for is scaled, so that the mean stays what it is.
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
}
