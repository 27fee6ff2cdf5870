import CSQLite

/// What SQLite refused: which action, its code, and its own words.
public struct SQLiteError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The primary result code, for example `SQLITE_FULL`.
  ///
  /// See https://www.sqlite.org/rescode.html.
  public var code: Int32
  /// The same with its detail, for example `SQLITE_IOERR_FSYNC`.
  public var extendedCode: Int32
  /// SQLite's words for it, for example "database or disk is full".
  public var message: String
  /// What was tried: `open` with a path, or the SQL.
  public var action: String

  /// No room is left, on the disk or below `PRAGMA max_page_count`.
  public var isFull: Bool { code == SQLITE_FULL }
  /// The file is damaged, or is no database at all.
  public var isCorrupt: Bool { code == SQLITE_CORRUPT || code == SQLITE_NOTADB }
  /// Somebody else holds the lock, and did so for the whole busy timeout.
  public var isBusy: Bool { code == SQLITE_BUSY }
  /// The file or its folder may not be written, or not even opened.
  public var isReadOnly: Bool {
    code == SQLITE_READONLY || code == SQLITE_CANTOPEN || code == SQLITE_PERM
  }

  public var description: String { "\(action): \(message)" }

  /// - Parameter extendedCode: Its lowest byte is the primary code.
  public init(extendedCode: Int32, message: String, action: String) {
    self.code = extendedCode & 0xFF
    self.extendedCode = extendedCode
    self.message = message
    self.action = action
  }

  /// The error that the last failing call left behind.
  ///
  /// See sqlite3_errmsg().
  ///
  /// - Parameter database: `nil` when there was no memory even for the handle.
  static func last(_ extendedCode: Int32, _ database: OpaquePointer?, _ action: String)
    -> SQLiteError
  {
    let text = unsafe database.flatMap { unsafe sqlite3_errmsg($0) } ?? sqlite3_errstr(extendedCode)
    let message = unsafe text.map { unsafe String(cString: $0) } ?? "error \(extendedCode)"
    return SQLiteError(extendedCode: extendedCode, message: message, action: action)
  }
}
