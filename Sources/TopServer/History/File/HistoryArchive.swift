import ProcFS
import SQLite

/// Reads a history file.
///
/// Not Sendable, like its database connection.
struct HistoryArchive {
  let database: Database

  init(_ database: Database) { self.database = database }

  /// Opens a file for reading, also while a server writes to it.
  ///
  /// - Throws: ``HistoryFault`` or `SQLiteError`.
  init(path: String) throws {
    database = try Database(path: path, mode: .readOnly)
    guard try database.integer("PRAGMA application_id") == HistorySchema.applicationID else {
      throw HistoryFault.foreign
    }
    let version = try database.integer("PRAGMA user_version") ?? 0
    guard version <= HistorySchema.version else { throw HistoryFault.newer(version) }
  }

  /// The recorded series, by number.
  func series() throws -> [Int64: Series] {
    let rows = try database.rows("SELECT id, name, scale FROM series") { row in
      (row.integer(0) ?? 0, Series(name: row.text(1) ?? "", scale: row.real(2) ?? 1))
    }
    return Dictionary(rows) { first, _ in first }
  }

  /// The readable blocks in a time range, in the order of recording.
  ///
  /// It loads them all at once, so it is only for a few blocks; queries use ``RecordedBlocks``.
  ///
  /// - Parameters:
  ///   - from: Milliseconds since the epoch, like `to`, which is inclusive.
  ///   - series: The wanted series.
  ///   - processes: Whether to load processes.
  func blocks(from: Int64, to: Int64, series: [Int64: Series], processes: Bool) throws
    -> [HistoryBlock]
  {
    try blockNumbers(from: from, to: to).compactMap {
      try block($0, series, processes: processes)
    }
  }

  /// The numbers of the blocks in a time range, in the order of recording.
  ///
  /// - Parameters:
  ///   - from: Milliseconds since the epoch, like `to`, which is inclusive.
  ///   - longest: The result of ``longestBlock()``; without it, SQLite searches the index from `from` to its end instead
  ///     of to `to`.
  func blockNumbers(from: Int64, to: Int64, longest: Int64? = nil) throws -> [Int64] {
    // The plus makes SQLite use the covering index instead of scanning the table with its long rows.
    try database.rows(
      "SELECT id FROM block WHERE last >= ? AND last <= ? AND first <= ? ORDER BY +id",
      .integer(from), .integer(lastMoment(to, longest)), .integer(to)
    ) { $0.integer(0) ?? 0 }
  }

  /// The last moment that a block can cover if it begins at a moment.
  private func lastMoment(_ moment: Int64, _ longest: Int64?) -> Int64 {
    guard let longest else { return .max }
    let (sum, isTooLarge) = moment.addingReportingOverflow(longest)
    return isTooLarge ? .max : sum
  }

  /// The maximum number of milliseconds that a block of the file covers, including blocks that are merged from now on.
  ///
  /// It reads each entry of the index, so a caller that reads portions asks once.
  func longestBlock() throws -> Int64 {
    let longest = try database.integer("SELECT max(last - first) FROM block") ?? 0
    return max(longest, 2 * 3_600_000)
  }

  /// The block after a moment whose first point began to measure before it; `nil` when there is none.
  ///
  /// - Parameter moment: Milliseconds since the epoch.
  func blockThatBegins(before moment: Int64) throws -> Int64? {
    let next = try database.rows(
      "SELECT id FROM block WHERE last > ?1 AND first > ?1 ORDER BY last LIMIT 1", .integer(moment)
    ) { $0.integer(0) ?? 0 }.first
    guard let next, let block = try block(next, [:], processes: false), block.begin < moment
    else { return nil }
    return next
  }

  /// A lower bound of the first moment of the blocks that end at a moment or later, without reading a block.
  ///
  /// - Parameters:
  ///   - moment: Milliseconds since the epoch.
  ///   - longest: See ``longestBlock()``.
  /// - Returns: `nil` when there is no such block.
  func earliestMoment(after moment: Int64, longest: Int64) throws -> Int64? {
    try database.integer("SELECT min(last) FROM block WHERE last >= ?", .integer(moment))
      .map { max(moment, $0 &- longest) }
  }

  /// One block; `nil` when it does not exist or cannot be read.
  ///
  /// A disk can damage the bytes of a block without SQLite noticing. That leaves a gap but does not end the history.
  ///
  /// - Parameters:
  ///   - series: The wanted series, by number.
  ///   - processes: Whether to load processes.
  func block(_ number: Int64, _ series: [Int64: Series], processes: Bool) throws -> HistoryBlock? {
    let columns =
      "resolution, points, \(series.isEmpty ? "NULL" : "series"), \(processes ? "processes" : "NULL")"
    return try database.rows(
      "SELECT \(columns) FROM block WHERE id = ?", .integer(number)
    ) { row in
      try? HistoryBlock(
        id: number, resolution: .init(rawValue: row.integer(0) ?? 0) ?? .sample,
        points: row.blob(1) ?? [], series: row.blob(2), wanted: series, processes: row.blob(3))
    }.first ?? nil
  }

  /// A packed block without its series.
  struct StoredBlock {
    fileprivate let number: Int64
    fileprivate let resolution: HistoryBlock.Resolution
    fileprivate let points: [UInt8]
    fileprivate let processes: [UInt8]

    /// `nil` when the bytes are damaged.
    var block: HistoryBlock? {
      try? HistoryBlock(
        id: number, resolution: resolution, points: points, series: nil, wanted: [:],
        processes: processes)
    }
  }

  /// The packed blocks in a time range, in the order of recording.
  ///
  /// - Parameter longest: See ``longestBlock()``.
  func storedBlocks(from: Int64, to: Int64, longest: Int64) throws -> [StoredBlock] {
    try database.rows(
      """
      SELECT id, resolution, points, processes FROM block
      WHERE last >= ? AND last <= ? AND first <= ? ORDER BY +id
      """, .integer(from), .integer(lastMoment(to, longest)), .integer(to)
    ) { row in
      StoredBlock(
        number: row.integer(0) ?? 0, resolution: .init(rawValue: row.integer(1) ?? 0) ?? .sample,
        points: row.blob(2) ?? [], processes: row.blob(3) ?? [])
    }
  }

  /// Calls `body` with a view of one block, unless the block cannot be read.
  ///
  /// - Parameter places: The index of each wanted series in the query, by number; if empty, only the points are read.
  func block(_ number: Int64, _ places: [Int64: Int], _ body: (BlockView) throws -> Void) throws {
    let columns = "resolution, points, \(places.isEmpty ? "NULL" : "series")"
    try database.forEachRow("SELECT \(columns) FROM block WHERE id = ?", .integer(number)) { row in
      let view = try? BlockView(
        .init(rawValue: row.integer(0) ?? 0) ?? .sample, stored: row.blob(1) ?? [],
        series: row.blob(2), places)
      if let view { try body(view) }
    }
  }

  /// Counts the processes that exited in a time range, up to a limit.
  ///
  /// - Parameter from: Milliseconds since the epoch, like `to`, which is inclusive.
  func countEnded(from: Int64, to: Int64, atMost most: Int) throws -> Int {
    // The index covers this query.
    let count = try database.integer(
      "SELECT count(*) FROM (SELECT 1 FROM process WHERE ended >= ? AND ended <= ? LIMIT ?)",
      .integer(from), .integer(to), .integer(Int64(most)))
    return Int(count ?? 0)
  }

  /// The first and last recorded moment, in milliseconds since the epoch.
  func range() throws -> ClosedRange<Int64>? {
    guard let first = try database.integer("SELECT min(first) FROM block"),
      let last = try database.integer("SELECT max(last) FROM block"), first <= last
    else { return nil }
    return first...last
  }

  /// The stored facts about a process.
  func process(_ reference: ProcessReference) throws -> RecordedProcess? {
    try database.rows(
      """
      SELECT boot, pid, start_ticks, start_time, name, uid, ppid, is_kernel FROM process
      WHERE id = ?
      """, .integer(reference)
    ) { row in
      RecordedProcess(
        reference: reference,
        identity: ProcessIdentity(
          pid: Int32(truncatingIfNeeded: row.integer(1) ?? 0),
          startTicks: UInt64(clamping: row.integer(2) ?? 0)),
        bootID: row.text(0) ?? "", startTime: row.integer(3) ?? 0, name: row.text(4) ?? "",
        uid: UInt32(truncatingIfNeeded: row.integer(5) ?? 0),
        parentPID: Int32(truncatingIfNeeded: row.integer(6) ?? 0),
        isKernelThread: row.integer(7) == 1)
    }.first
  }

  /// The sums and extremes of the machine's past use.
  ///
  /// - Parameter block: Counts only blocks before this one.
  func machineUse(before block: Int64) throws -> [RecordedMachineUse.Kind: RecordedMachineUse.Part]
  {
    let rows = try database.rows(
      """
      SELECT what, sum(samples), min(minimum), sum(total), max(maximum) FROM past_use
      WHERE block < ? GROUP BY what
      """, .integer(block)
    ) { row in
      (
        row.integer(0) ?? 0,
        RecordedMachineUse.Part(
          weight: row.real(1) ?? 0, minimum: row.real(2) ?? 0, total: row.real(3) ?? 0,
          maximum: row.real(4) ?? 0)
      )
    }
    let known = rows.compactMap { number, part in
      RecordedMachineUse.Kind(rawValue: number).map { ($0, part) }
    }
    return Dictionary(known) { first, _ in first }
  }
}
