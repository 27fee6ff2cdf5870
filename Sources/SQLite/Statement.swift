import CSQLite

/// A statement that is compiled once and can run any number of times.
@safe final class Statement {
  let sql: String
  private let handle: OpaquePointer
  private let database: OpaquePointer

  /// Compiles the SQL, which must contain exactly one statement.
  ///
  /// See sqlite3_prepare_v3().
  init(_ sql: String, on database: OpaquePointer) throws(SQLiteError) {
    var statement: OpaquePointer?
    var isAlone = true
    let status = unsafe sql.withCString { text in
      var rest: UnsafePointer<CChar>?
      let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
      let status = unsafe sqlite3_prepare_v3(database, text, -1, flags, &statement, &rest)
      unsafe isAlone = rest.map { unsafe String(cString: $0).allSatisfy(\.isWhitespace) } ?? true
      return status
    }
    guard status == SQLITE_OK else { throw unsafe .last(status, database, sql) }
    guard let statement = unsafe statement, isAlone else {
      unsafe sqlite3_finalize(statement)
      throw SQLiteError(
        extendedCode: SQLITE_MISUSE, message: "the text must be one statement", action: sql)
    }
    self.sql = sql
    unsafe handle = statement
    unsafe self.database = database
  }

  deinit { unsafe sqlite3_finalize(handle) }

  /// Binds values to the parameters.
  ///
  /// The first value is for `?1`.
  ///
  /// See sqlite3_bind_blob().
  func bind(_ values: [SQLiteValue]) throws(SQLiteError) {
    // SQLite would silently treat a missing value as NULL.
    let wanted = unsafe Int(sqlite3_bind_parameter_count(handle))
    guard wanted == values.count else {
      let message = "\(wanted) parameters were given \(values.count) values"
      throw SQLiteError(extendedCode: SQLITE_RANGE, message: message, action: sql)
    }
    for (index, value) in zip(Int32(1)..., values) {
      let status = bind(value, to: index)
      guard status == SQLITE_OK else { throw unsafe .last(status, database, sql) }
    }
  }

  private func bind(_ value: SQLiteValue, to index: Int32) -> Int32 {
    switch value {
    case .null: unsafe sqlite3_bind_null(handle, index)
    case .integer(let value): unsafe sqlite3_bind_int64(handle, index, value)
    case .real(let value): unsafe sqlite3_bind_double(handle, index, value)
    case .text(let value):
      unsafe value.withCString {
        unsafe csqlite_bind_text(handle, index, $0, UInt64(value.utf8.count))
      }
    // SQLite would bind NULL for an array without an address.
    case .blob([]): unsafe sqlite3_bind_zeroblob(handle, index, 0)
    case .blob(let value): unsafe csqlite_bind_blob(handle, index, value, UInt64(value.count))
    }
  }

  /// Advances to the next row.
  ///
  /// See sqlite3_step().
  ///
  /// - Returns: False after the last row.
  func step() throws(SQLiteError) -> Bool {
    switch unsafe sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let status: throw unsafe .last(status, database, sql)
    }
  }

  /// The current row.
  var row: Row { unsafe Row(handle) }

  /// Prepares the statement for its next use and releases its locks and values.
  ///
  /// See sqlite3_reset() and sqlite3_clear_bindings().
  func reset() {
    // The result repeats an error that step() has already thrown.
    _ = unsafe sqlite3_reset(handle)
    _ = unsafe sqlite3_clear_bindings(handle)
  }
}
