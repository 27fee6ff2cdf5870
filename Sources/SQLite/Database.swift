import CSQLite

/// A connection to a database file.
///
/// It is not Sendable and has a single owner, so SQLite runs without its own locks. Its calls block, so use it in an
/// actor whose executor may block. SQLite writes no log by default; thrown errors contain its messages.
@safe public final class Database {
  public enum Mode: Sendable {
    /// The file must exist.
    case readOnly
    /// Creates the file, but not its folder, if it is missing.
    case readWrite
  }

  private let handle: OpaquePointer
  private let busyTimeout: Duration
  /// Idle statements by their SQL.
  ///
  /// A nested query with the same SQL gets its own statement.
  private var statements: [String: Statement] = [:]

  /// Opens the file.
  ///
  /// The first statement fails if the file is not a database.
  ///
  /// See sqlite3_open_v2().
  ///
  /// - Parameters:
  ///   - path: `:memory:` opens a database without a file.
  ///   - busyTimeout: How long a statement waits for a lock before it throws.
  public init(path: String, mode: Mode, busyTimeout: Duration = .seconds(1)) throws(SQLiteError) {
    let access =
      switch mode {
      case .readOnly: SQLITE_OPEN_READONLY
      case .readWrite: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      }
    var opened: OpaquePointer?
    let status = unsafe sqlite3_open_v2(path, &opened, access | SQLITE_OPEN_NOMUTEX, nil)
    guard status == SQLITE_OK, let opened = unsafe opened else {
      // After a failure there is still a handle, which has the message.
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

  /// Sets the busy timeout.
  ///
  /// See sqlite3_busy_timeout().
  private func setPatience(_ time: Duration) {
    unsafe sqlite3_busy_timeout(handle, Int32(clamping: Int64(time / .milliseconds(1))))
  }

  /// Statements that outlive this object keep the database open; see sqlite3_close_v2().
  deinit { unsafe sqlite3_close_v2(handle) }

  // MARK: - Statements

  /// Runs one or more statements and ignores their rows.
  ///
  /// See sqlite3_exec().
  public func execute(_ sql: String) throws(SQLiteError) {
    let status = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
    guard status == SQLITE_OK else { throw unsafe .last(status, handle, sql) }
  }

  /// Runs one statement and ignores its rows.
  ///
  /// The statement is compiled once per SQL text and cached, so pass varying data as values.
  public func run(_ sql: String, _ values: SQLiteValue...) throws(SQLiteError) {
    let statement = try begin(sql, values)
    defer { end(statement) }
    while try statement.step() {}
  }

  /// Reads all rows of a query.
  ///
  /// The statement is compiled once per SQL text and cached.
  public func rows<T>(
    _ sql: String, _ values: SQLiteValue..., read: (borrowing Row) throws -> T
  ) throws -> [T] {
    let statement = try begin(sql, values)
    defer { end(statement) }
    var rows: [T] = []
    while try statement.step() { rows.append(try read(statement.row)) }
    return rows
  }

  /// The first column of the first row; `nil` if it is NULL or there is no row.
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

  /// Checks the whole file, bypassing this connection's cache.
  ///
  /// See PRAGMA quick_check.
  ///
  /// - Throws: The first problem found.
  public func check() throws {
    let found = try rows("PRAGMA quick_check(1)") { $0.text(0) ?? "" }
    guard found == ["ok"] else {
      throw SQLiteError(
        extendedCode: SQLITE_CORRUPT, message: found.first ?? "", action: "PRAGMA quick_check(1)")
    }
  }

  // MARK: - Transactions

  /// Runs the body in a transaction and commits it, or rolls it back if the body throws.
  ///
  /// `BEGIN IMMEDIATE` takes the write lock at the start, so only the start can fail as busy.
  ///
  /// - Throws: The body's error, or the reason why the transaction could not start or commit. Nothing was changed then.
  public func transaction<T>(_ body: () throws -> T) throws -> T {
    try run("BEGIN IMMEDIATE")
    do {
      let result = try body()
      try run("COMMIT")
      return result
    } catch {
      // After some errors, for example a full disk, SQLite has already rolled back. The first error is the one to
      // report.
      if unsafe sqlite3_get_autocommit(handle) == 0 { try? run("ROLLBACK") }
      throw error
    }
  }

  /// Runs the body on a consistent snapshot, whatever other connections write meanwhile.
  ///
  /// The write-ahead log cannot be emptied until the body ends, so keep it short.
  ///
  /// See https://www.sqlite.org/isolation.html.
  public func snapshot<T>(_ body: () throws -> T) throws -> T {
    try run("BEGIN")
    // Nothing was written, so roll back; after some errors SQLite has already done so.
    defer { if unsafe sqlite3_get_autocommit(handle) == 0 { try? run("ROLLBACK") } }
    return try body()
  }

  /// Calls the body with each row of a query, so that only one row is in memory at a time.
  ///
  /// The query ends early if the body throws.
  public func forEachRow(
    _ sql: String, _ values: SQLiteValue..., body: (borrowing Row) throws -> Void
  ) throws {
    let statement = try begin(sql, values)
    defer { end(statement) }
    while try statement.step() { try body(statement.row) }
  }

  /// Moves the write-ahead log into the database file and truncates the log.
  ///
  /// See sqlite3_wal_checkpoint_v2(), `SQLITE_CHECKPOINT_TRUNCATE`.
  ///
  /// - Parameter patience: How long to wait for other connections.
  /// - Returns: False if another connection blocked it for longer: a writer, or a reader that needs the log.
  public func emptyLog(patience: Duration) throws(SQLiteError) -> Bool {
    setPatience(patience)
    defer { setPatience(busyTimeout) }
    let status = unsafe sqlite3_wal_checkpoint_v2(
      handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
    if status & 0xFF == SQLITE_BUSY { return false }
    guard status == SQLITE_OK else { throw unsafe .last(status, handle, "checkpoint") }
    return true
  }

  /// The row id of the last insert.
  ///
  /// See sqlite3_last_insert_rowid().
  public var lastInsertedRowID: Int64 { unsafe sqlite3_last_insert_rowid(handle) }

  /// The number of rows that the last INSERT, UPDATE or DELETE changed.
  ///
  /// See sqlite3_changes64().
  public var changes: Int { unsafe Int(sqlite3_changes64(handle)) }
}
