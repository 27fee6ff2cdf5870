import CSQLite

/// One row of a result, read column by column, the first of which is 0.
///
/// Valid only while the closure that was given it runs: the next step of the statement overwrites it. A column of
/// another type is converted by SQLite's rules; `nil` means NULL, or that there is no such column.
@safe public struct Row: ~Copyable {
  private let statement: OpaquePointer

  init(_ statement: OpaquePointer) {
    unsafe self.statement = statement
  }

  /// See sqlite3_column_int64().
  public func integer(_ column: Int) -> Int64? {
    unsafe isNull(column) ? nil : sqlite3_column_int64(statement, Int32(column))
  }

  /// See sqlite3_column_double().
  public func real(_ column: Int) -> Double? {
    unsafe isNull(column) ? nil : sqlite3_column_double(statement, Int32(column))
  }

  /// Bytes that are no UTF-8 are repaired to U+FFFD.
  ///
  /// See sqlite3_column_text().
  public func text(_ column: Int) -> String? {
    guard !isNull(column) else { return nil }
    // The text before its size: asking for it may convert the value.
    let text = unsafe sqlite3_column_text(statement, Int32(column))
    return unsafe String(
      decoding: UnsafeBufferPointer(start: text, count: size(column)), as: UTF8.self)
  }

  /// See sqlite3_column_blob().
  public func blob(_ column: Int) -> [UInt8]? {
    guard !isNull(column) else { return nil }
    let bytes = unsafe sqlite3_column_blob(statement, Int32(column))
    return unsafe Array(UnsafeRawBufferPointer(start: bytes, count: size(column)))
  }

  /// See sqlite3_column_type().
  public func isNull(_ column: Int) -> Bool {
    unsafe sqlite3_column_type(statement, Int32(column)) == SQLITE_NULL
  }

  /// Bytes in a text or blob.
  private func size(_ column: Int) -> Int {
    unsafe Int(sqlite3_column_bytes(statement, Int32(column)))
  }
}
