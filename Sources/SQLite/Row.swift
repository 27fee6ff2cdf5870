import CSQLite

/// A row of a result.
///
/// Columns are numbered from 0.
///
/// It is valid only during the call that receives it, since the next step of the statement overwrites it. SQLite
/// converts columns of other types; `nil` means NULL or a missing column.
@safe public struct Row: ~Copyable {
  private let statement: OpaquePointer

  init(_ statement: OpaquePointer) {
    unsafe self.statement = statement
  }

  /// A column as an integer.
  ///
  /// See sqlite3_column_int64().
  public func integer(_ column: Int) -> Int64? {
    unsafe isNull(column) ? nil : sqlite3_column_int64(statement, Int32(column))
  }

  /// A column as a floating-point number.
  ///
  /// See sqlite3_column_double().
  public func real(_ column: Int) -> Double? {
    unsafe isNull(column) ? nil : sqlite3_column_double(statement, Int32(column))
  }

  /// A column as text.
  ///
  /// Invalid UTF-8 is replaced by U+FFFD.
  ///
  /// See sqlite3_column_text().
  public func text(_ column: Int) -> String? {
    guard !isNull(column) else { return nil }
    // Request the text before its size, because the first call may convert the value.
    let text = unsafe sqlite3_column_text(statement, Int32(column))
    return unsafe String(
      decoding: UnsafeBufferPointer(start: text, count: size(column)), as: UTF8.self)
  }

  /// A column as bytes.
  ///
  /// See sqlite3_column_blob().
  public func blob(_ column: Int) -> [UInt8]? {
    guard !isNull(column) else { return nil }
    let bytes = unsafe sqlite3_column_blob(statement, Int32(column))
    return unsafe Array(UnsafeRawBufferPointer(start: bytes, count: size(column)))
  }

  /// Whether a column is NULL.
  ///
  /// See sqlite3_column_type().
  public func isNull(_ column: Int) -> Bool {
    unsafe sqlite3_column_type(statement, Int32(column)) == SQLITE_NULL
  }

  /// The size of a text or blob in bytes.
  private func size(_ column: Int) -> Int {
    unsafe Int(sqlite3_column_bytes(statement, Int32(column)))
  }
}
