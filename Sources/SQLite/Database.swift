import CSQLite

/// A connection to a database file.
///
/// Not Sendable: it has one owner, so SQLite is opened without its own locks. Its calls block; give it to an actor
/// whose executor may. SQLite logs nowhere unless it is told to, so all that it has to say is in the errors.
@safe public final class Database {
  public enum Mode: Sendable {
    /// The file must exist.
    case readOnly
    /// The file is made when it is missing, its folder is not.
    case readWrite
  }

  private let handle: OpaquePointer
  private let busyTimeout: Duration
  /// Those that are not in use, by their SQL: a query inside a query of the same text gets a statement of its own.
  private var statements: [String: Statement] = [:]

  /// Opens the file; that it is no database is noticed by the first statement.
  ///
  /// See sqlite3_open_v2().
  ///
  /// - Parameters:
  ///   - path: `:memory:` for a database without a file.
  ///   - busyTimeout: How long a statement waits for somebody else's lock before it throws.
  public init(path: String, mode: Mode, busyTimeout: Duration = .seconds(1)) throws(SQLiteError) {
    let access =
      switch mode {
      case .readOnly: SQLITE_OPEN_READONLY
      case .readWrite: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      }
    var opened: OpaquePointer?
    let status = unsafe sqlite3_open_v2(path, &opened, access | SQLITE_OPEN_NOMUTEX, nil)
    guard status == SQLITE_OK, let opened = unsafe opened else {
      // A database that could not be opened has a handle all the same, for its message.
      let code = unsafe opened.map { unsafe sqlite3_extended_errcode($0) } ?? status
      let error = unsafe SQLiteError.last(code, opened, "open \(path)")
      unsafe sqlite3_close_v2(opened)
      throw error
    }
    unsafe handle = opened
    self.busyTimeout = busyTimeout
    unsafe sqlite3_extended_result_codes(handle, 1)
    setPatience(busyTimeout)
  }

  /// See sqlite3_busy_timeout().
  private func setPatience(_ time: Duration) {
    unsafe sqlite3_busy_timeout(handle, Int32(clamping: Int64(time / .milliseconds(1))))
  }

  /// Statements that outlive the database keep it open: `sqlite3_close_v2` waits for their end.
  deinit { unsafe sqlite3_close_v2(handle) }

  // MARK: - Statements

  /// Runs one statement or several, whose rows are ignored.
  ///
  /// See sqlite3_exec().
  public func execute(_ sql: String) throws(SQLiteError) {
    let status = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
    guard status == SQLITE_OK else { throw unsafe .last(status, handle, sql) }
  }

  /// Runs one statement, whose rows are ignored.
  ///
  /// It is compiled once for each text and kept: put what varies into the values.
  public func run(_ sql: String, _ values: SQLiteValue...) throws(SQLiteError) {
    let statement = try begin(sql, values)
    defer { end(statement) }
    while try statement.step() {}
  }

  /// Reads every row of a query, which is compiled once for each text and kept.
  public func rows<T>(
    _ sql: String, _ values: SQLiteValue..., read: (borrowing Row) throws -> T
  ) throws -> [T] {
    let statement = try begin(sql, values)
    defer { end(statement) }
    var rows: [T] = []
    while try statement.step() { rows.append(try read(statement.row)) }
    return rows
  }

  /// The first column of the first row; `nil` when that is NULL or there is no row.
  public func integer(_ sql: String, _ values: SQLiteValue...) throws(SQLiteError) -> Int64? {
    let statement = try begin(sql, values)
    defer { end(statement) }
    return try statement.step() ? statement.row.integer(0) : nil
  }

  private func begin(_ sql: String, _ values: [SQLiteValue]) throws(SQLiteError) -> Statement {
    let kept = statements.removeValue(forKey: sql)
    let statement = if let kept { kept } else { try unsafe Statement(sql, on: handle) }
    try statement.bind(values)
    return statement
  }

  private func end(_ statement: Statement) {
    statement.reset()
    statements[statement.sql] = statement
  }

  /// Looks through the whole file, past what this connection knows of it already.
  ///
  /// See PRAGMA quick_check.
  ///
  /// - Throws: The first damage.
  public func check() throws {
    let found = try rows("PRAGMA quick_check(1)") { $0.text(0) ?? "" }
    guard found == ["ok"] else {
      throw SQLiteError(
        extendedCode: SQLITE_CORRUPT, message: found.first ?? "", action: "PRAGMA quick_check(1)")
    }
  }

  // MARK: - Transactions

  /// Runs the body in a transaction that is kept as a whole or not at all.
  ///
  /// It takes the lock for writing at once (`BEGIN IMMEDIATE`), so that it can be busy at its begin and nowhere else.
  ///
  /// - Throws: What the body throws, or why the transaction could not begin or be kept; nothing was changed then.
  public func transaction<T>(_ body: () throws -> T) throws -> T {
    try run("BEGIN IMMEDIATE")
    do {
      let result = try body()
      try run("COMMIT")
      return result
    } catch {
      // After some errors, a full disk for one, SQLite has rolled back by itself. The first error is the one to tell.
      if unsafe sqlite3_get_autocommit(handle) == 0 { try? run("ROLLBACK") }
      throw error
    }
  }

  /// Runs the body so that all that it reads is of one moment, whatever is written meanwhile.
  ///
  /// The log beside the file cannot be emptied until it ends, so it should end soon.
  ///
  /// See https://www.sqlite.org/isolation.html.
  public func snapshot<T>(_ body: () throws -> T) throws -> T {
    try run("BEGIN")
    // Nothing was written, so there is nothing to keep; after some errors SQLite has ended it by itself.
    defer { if unsafe sqlite3_get_autocommit(handle) == 0 { try? run("ROLLBACK") } }
    return try body()
  }

  /// Shows each row of a query to the body as SQLite comes to it, so that no two of them are in memory at once.
  ///
  /// It ends early when the body throws.
  public func forEachRow(
    _ sql: String, _ values: SQLiteValue..., body: (borrowing Row) throws -> Void
  ) throws {
    let statement = try begin(sql, values)
    defer { end(statement) }
    while try statement.step() { try body(statement.row) }
  }

  /// Moves all that is in the log beside a file in WAL mode into the file, and cuts the log to nothing.
  ///
  /// See sqlite3_wal_checkpoint_v2(), `SQLITE_CHECKPOINT_TRUNCATE`.
  ///
  /// - Parameter patience: How long it waits for connections that are in the way.
  /// - Returns: False when one is in the way for longer: it reads what only the log has, or what the log would overwrite,
  ///   or it writes.
  public func emptyLog(patience: Duration) throws(SQLiteError) -> Bool {
    setPatience(patience)
    defer { setPatience(busyTimeout) }
    let status = unsafe sqlite3_wal_checkpoint_v2(
      handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
    if status & 0xFF == SQLITE_BUSY { return false }
    guard status == SQLITE_OK else { throw unsafe .last(status, handle, "checkpoint") }
    return true
  }

  /// See sqlite3_last_insert_rowid().
  public var lastInsertedRowID: Int64 { unsafe sqlite3_last_insert_rowid(handle) }

  /// Rows that the last INSERT, UPDATE or DELETE changed.
  ///
  /// See sqlite3_changes64().
  public var changes: Int { unsafe Int(sqlite3_changes64(handle)) }
}
