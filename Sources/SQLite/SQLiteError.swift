import CSQLite

/// An error of SQLite: the action, the code and SQLite's message.
public struct SQLiteError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The primary result code, for example `SQLITE_FULL`.
  ///
  /// See https://www.sqlite.org/rescode.html.
  public var code: Int32
  /// The extended result code, for example `SQLITE_IOERR_FSYNC`.
  public var extendedCode: Int32
  /// SQLite's message, for example "database or disk is full".
  public var message: String
  /// The failed action: `open` with a path, or the SQL.
  public var action: String

  /// Whether there is no room left, on the disk or within `PRAGMA max_page_count`.
  public var isFull: Bool { code == SQLITE_FULL }
  /// Whether the file is damaged or not a database.
  public var isCorrupt: Bool { code == SQLITE_CORRUPT || code == SQLITE_NOTADB }
  /// Whether another connection held the lock for the whole busy timeout.
  public var isBusy: Bool { code == SQLITE_BUSY }
  /// Whether the file or its folder cannot be opened or written.
  public var isReadOnly: Bool {
    code == SQLITE_READONLY || code == SQLITE_CANTOPEN || code == SQLITE_PERM
  }

  public var description: String { "\(action): \(message)" }

  /// - Parameter extendedCode: The extended code; its lowest byte is the primary code.
  public init(extendedCode: Int32, message: String, action: String) {
    self.code = extendedCode & 0xFF
    self.extendedCode = extendedCode
    self.message = message
    self.action = action
  }

  /// The error of the last failed call.
  ///
  /// See sqlite3_errmsg().
  ///
  /// - Parameter database: The connection; `nil` if there was no memory for it.
  static func last(_ extendedCode: Int32, _ database: OpaquePointer?, _ action: String)
    -> SQLiteError
  {
    let text = unsafe database.flatMap { unsafe sqlite3_errmsg($0) } ?? sqlite3_errstr(extendedCode)
    let message = unsafe text.map { unsafe String(cString: $0) } ?? "error \(extendedCode)"
    return SQLiteError(extendedCode: extendedCode, message: message, action: action)
  }
}
