import Linux
import TestSupport
import Testing

@testable import SQLite

@Suite("Database file")
struct DatabaseFileTests {
  let folder: TemporaryFolder
  var path: String { "\(folder.path)/history.db" }

  init() throws {
    folder = try TemporaryFolder()
  }

  // MARK: - Errors

  @Test("The first statement fails if the file is not a database")
  func foreignFile() throws {
    try folder.write(
      String(repeating: "This is a letter, not a database.\n", count: 200), to: "history.db")
    let database = try Database(path: path, mode: .readWrite)
    let error = #expect(throws: SQLiteError.self) {
      try database.integer("SELECT count(*) FROM sqlite_schema")
    }
    #expect(error?.code == 26)
    #expect(error?.isCorrupt == true)
    #expect(error?.description == "SELECT count(*) FROM sqlite_schema: file is not a database")
  }

  @Test("A damaged database is corrupt")
  func damagedFile() throws {
    try makeTable(rows: 1_000)
    var bytes = try read("history.db")
    // The header stays valid, the pages do not.
    for index in 100..<bytes.count { bytes[index] = 0xA5 }
    try folder.write(bytes, to: "history.db")
    let database = try Database(path: path, mode: .readOnly)
    let error = #expect(throws: SQLiteError.self) {
      try database.integer("SELECT count(*) FROM sample")
    }
    #expect(error?.code == 11)
    #expect(error?.isCorrupt == true)
    #expect(error?.isFull == false)
  }

  @Test("check finds damage that no statement has read yet")
  func check() throws {
    try makeTable(rows: 3_000).check()
    var bytes = try read("history.db")
    for index in bytes.count - 4_096..<bytes.count { bytes[index] = 0xA5 }
    try folder.write(bytes, to: "history.db")
    let database = try Database(path: path, mode: .readOnly)
    #expect(try database.integer("SELECT min(rowid) FROM sample") == 1)
    let error = #expect(throws: SQLiteError.self) { try database.check() }
    #expect(error?.isCorrupt == true)
    #expect(error?.message.isEmpty == false)
  }

  @Test(
    "A file that cannot be opened is an error with its path",
    arguments: [
      ("/proc/history.db", .readWrite), ("/no/such/folder/history.db", .readWrite),
      ("/no/such/file.db", .readOnly), ("/", .readWrite),
    ] as [(String, Database.Mode)])
  func cannotOpen(path: String, mode: Database.Mode) {
    let error = #expect(throws: SQLiteError.self) { try Database(path: path, mode: mode) }
    #expect(error?.code == 14)
    #expect(error?.isReadOnly == true)
    #expect(error?.description == "open \(path): unable to open database file")
  }

  @Test("A read-only connection refuses to write")
  func readOnly() throws {
    try makeTable(rows: 1)
    let database = try Database(path: path, mode: .readOnly)
    let error = #expect(throws: SQLiteError.self) { try database.run("DELETE FROM sample") }
    #expect(error?.code == 8)
    #expect(error?.isReadOnly == true)
    #expect(try database.integer("SELECT count(*) FROM sample") == 1)
  }

  @Test("A full disk is an error; earlier data stays, and writing works again later")
  func full() throws {
    let database = try makeTable(rows: 10)
    try database.execute("PRAGMA max_page_count = 4")
    let error = #expect(throws: SQLiteError.self) {
      try database.transaction {
        for _ in 0..<100 { try insert(into: database, bytes: 1_000) }
      }
    }
    #expect(error?.code == 13)
    #expect(error?.isFull == true)
    #expect(error?.message == "database or disk is full")
    #expect(try database.integer("SELECT count(*) FROM sample") == 10)
    try database.execute("PRAGMA max_page_count = 1000")
    try database.transaction { try insert(into: database, bytes: 10_000) }
    #expect(try database.integer("SELECT count(*) FROM sample") == 11)
  }

  @Test("A second writer gets a busy error")
  func busy() throws {
    let first = try makeTable(rows: 0)
    let second = try Database(path: path, mode: .readWrite, busyTimeout: .zero)
    try first.transaction {
      let error = #expect(throws: SQLiteError.self) { try second.transaction {} }
      #expect(error?.code == 5)
      #expect(error?.isBusy == true)
      #expect(error?.action == "BEGIN IMMEDIATE")
    }
    try second.transaction { try insert(into: second, bytes: 1) }
    #expect(try first.integer("SELECT count(*) FROM sample") == 1)
  }

  // MARK: - Two connections

  @Test("A reader sees committed data in the log while the writer continues")
  func writeAheadLog() throws {
    let writer = try makeTable(rows: 0)
    try writer.execute("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0")
    try insert(into: writer, bytes: 1)
    let reader = try Database(path: path, mode: .readOnly)
    let count = "SELECT count(*) FROM sample"
    #expect(try reader.integer(count) == 1)
    try writer.transaction {
      try insert(into: writer, bytes: 1)
      #expect(try reader.integer(count) == 1)
      #expect(try writer.integer(count) == 2)
    }
    #expect(try reader.integer(count) == 2)
  }

  @Test("The log is emptied unless a reader needs it")
  func emptiesLog() throws {
    let writer = try makeTable(rows: 0)
    try writer.execute("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0")
    let reader = try Database(path: path, mode: .readOnly)
    for _ in 0..<3 {
      try insert(into: writer, bytes: 5_000)
      try reader.execute("BEGIN; SELECT count(*) FROM sample")
      try insert(into: writer, bytes: 5_000)
      #expect(try !writer.emptyLog(patience: .zero))
      #expect(try read("history.db-wal").count > 5_000)
      try reader.execute("COMMIT")
      #expect(try writer.emptyLog(patience: .zero))
      #expect(try read("history.db-wal").isEmpty)
    }
    #expect(try reader.integer("SELECT count(*) FROM sample") == 6)
  }

  @Test("The data persists, and a connection closes despite cached statements")
  func reopened() throws {
    for _ in 0..<3 {
      let database = try Database(path: path, mode: .readWrite)
      try database.execute("CREATE TABLE IF NOT EXISTS sample(value)")
      try insert(into: database, bytes: 1)
    }
    let database = try Database(path: path, mode: .readOnly)
    #expect(try database.integer("SELECT count(*) FROM sample") == 3)
  }

  // MARK: - Helpers

  @discardableResult
  private func makeTable(rows: Int) throws -> Database {
    let database = try Database(path: path, mode: .readWrite)
    try database.execute("CREATE TABLE sample(value)")
    try database.transaction { for _ in 0..<rows { try insert(into: database, bytes: 1) } }
    return database
  }

  private func insert(into database: Database, bytes: Int) throws {
    let value = Array(repeating: UInt8(7), count: bytes)
    try database.run("INSERT INTO sample(value) VALUES (?)", .blob(value))
  }

  /// Reads a file without Foundation, whose `Data` leaks a page for each empty file.
  private func read(_ name: String) throws -> [UInt8] {
    try Files.read("\(folder.path)/\(name)").bytes
  }
}
