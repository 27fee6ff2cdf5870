import ProcFS
import SQLite

/// What can be read of a history file.
///
/// Not Sendable, like the connection that it reads through.
struct HistoryArchive {
  let database: Database

  init(_ database: Database) { self.database = database }

  /// Opens a file to read it, beside the server that writes to it.
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

  /// The series that were ever recorded, by number.
  func series() throws -> [Int64: Series] {
    let rows = try database.rows("SELECT id, name, scale FROM series") { row in
      (row.integer(0) ?? 0, Series(name: row.text(1) ?? "", scale: row.real(2) ?? 1))
    }
    return Dictionary(rows) { first, _ in first }
  }

  /// The blocks that tell of a stretch of time, in the order of recording, without those that cannot be read.
  ///
  /// All of them at once: for a few. Questions go through ``RecordedBlocks``.
  ///
  /// - Parameters:
  ///   - from: Milliseconds since the epoch, like `to`, which is included.
  ///   - series: Those that are wanted.
  ///   - processes: Whether processes are wanted.
  func blocks(from: Int64, to: Int64, series: [Int64: Series], processes: Bool) throws
    -> [HistoryBlock]
  {
    try blockNumbers(from: from, to: to).compactMap {
      try block($0, series, processes: processes)
    }
  }

  /// The numbers of the blocks that tell of a stretch of time, in the order of recording.
  ///
  /// - Parameter from: Milliseconds since the epoch, like `to`, which is included.
  func blockNumbers(from: Int64, to: Int64) throws -> [Int64] {
    // The plus keeps SQLite from going through the table, whose rows are long; the index has all that is asked for.
    try database.rows(
      "SELECT id FROM block WHERE last >= ? AND first <= ? ORDER BY +id", .integer(from),
      .integer(to)
    ) { $0.integer(0) ?? 0 }
  }

  /// One block; `nil` when there is none, or none that can be read.
  ///
  /// A disk can damage the bytes of a block where SQLite does not notice: that is a gap, and no end of the history.
  ///
  /// - Parameters:
  ///   - series: Those that are wanted, by number.
  ///   - processes: Whether processes are wanted.
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

  /// A block as it lies in the file, without its series.
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

  /// The blocks that tell of a stretch of time, in the order of recording, packed as they are.
  func storedBlocks(from: Int64, to: Int64) throws -> [StoredBlock] {
    try database.rows(
      """
      SELECT id, resolution, points, processes FROM block WHERE last >= ? AND first <= ?
      ORDER BY id
      """, .integer(from), .integer(to)
    ) { row in
      StoredBlock(
        number: row.integer(0) ?? 0, resolution: .init(rawValue: row.integer(1) ?? 0) ?? .sample,
        points: row.blob(2) ?? [], processes: row.blob(3) ?? [])
    }
  }

  /// Shows one block without making columns of it; one that cannot be read is left out.
  ///
  /// - Parameter places: Of each number of a wanted series, which one it is; without any, only the points are read.
  func block(_ number: Int64, _ places: [Int64: Int], _ body: (BlockView) throws -> Void) throws {
    let columns = "resolution, points, \(places.isEmpty ? "NULL" : "series")"
    try database.forEachRow("SELECT \(columns) FROM block WHERE id = ?", .integer(number)) { row in
      let view = try? BlockView(
        .init(rawValue: row.integer(0) ?? 0) ?? .sample, stored: row.blob(1) ?? [],
        series: row.blob(2), places)
      if let view { try body(view) }
    }
  }

  /// How many processes ended in a stretch of time, which is counted no further than asked for.
  ///
  /// - Parameter from: Milliseconds since the epoch, like `to`, which is included.
  func countEnded(from: Int64, to: Int64, atMost most: Int) throws -> Int {
    // The index has all that is asked for.
    let count = try database.integer(
      "SELECT count(*) FROM (SELECT 1 FROM process WHERE ended >= ? AND ended <= ? LIMIT ?)",
      .integer(from), .integer(to), .integer(Int64(most)))
    return Int(count ?? 0)
  }

  /// The first and the last moment that were recorded, in milliseconds since the epoch.
  func range() throws -> ClosedRange<Int64>? {
    guard let first = try database.integer("SELECT min(first) FROM block"),
      let last = try database.integer("SELECT max(last) FROM block"), first <= last
    else { return nil }
    return first...last
  }

  /// What is known of a process.
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

  /// The extremes and sums of past use.
  ///
  /// - Parameter block: Only blocks before this one count.
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
