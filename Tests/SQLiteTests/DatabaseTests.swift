import TestSupport
import Testing

@testable import SQLite

@Suite("Database")
struct DatabaseTests {
  let folder: TemporaryFolder
  let database: Database

  init() throws {
    folder = try TemporaryFolder()
    database = try Database(path: "\(folder.path)/history.db", mode: .readWrite)
    try database.execute("CREATE TABLE sample(id INTEGER PRIMARY KEY, value ANY) STRICT")
  }

  // MARK: - Reading

  @Test("Rows are passed one by one until the body throws")
  func eachRow() throws {
    struct Enough: Error {}
    for value in 1...5 {
      try database.run("INSERT INTO sample VALUES (?, ?)", .integer(Int64(value)), .null)
    }
    var seen: [Int64] = []
    try database.forEachRow("SELECT id FROM sample ORDER BY id") { seen.append($0.integer(0) ?? 0) }
    #expect(seen == [1, 2, 3, 4, 5])
    #expect(throws: Enough.self) {
      try database.forEachRow("SELECT id FROM sample ORDER BY id") { _ in throw Enough() }
    }
    #expect(try database.integer("SELECT count(*) FROM sample") == 5)
  }

  @Test("A snapshot is stable while another connection writes, and ends with its body")
  func snapshot() throws {
    try database.execute("PRAGMA journal_mode = WAL")
    let reader = try Database(path: "\(folder.path)/history.db", mode: .readOnly)
    func count() throws -> Int64? { try reader.integer("SELECT count(*) FROM sample") }
    try reader.snapshot {
      #expect(try count() == 0)
      try database.run("INSERT INTO sample VALUES (1, NULL)")
      #expect(try count() == 0)
    }
    #expect(try count() == 1)
    #expect(throws: SQLiteError.self) { try reader.snapshot { try reader.execute("SELEKT") } }
    #expect(try reader.snapshot { try count() } == 1)
  }

  // MARK: - Values

  @Test(
    "A value is read back unchanged",
    arguments: [
      .null,
      .integer(0), .integer(.max), .integer(.min),
      .real(0), .real(-2.5), .real(0.1), .real(.infinity), .real(.greatestFiniteMagnitude),
      .text(""), .text("Zürich 東京 🦊"), .text("a\u{0}b"), .text("\u{0}"), .text("it's \"so\"; --"),
      .blob([]), .blob([0]), .blob(Array(0...255)), .blob(Array(repeating: 7, count: 1 << 20)),
    ] as [SQLiteValue])
  func roundTrip(value: SQLiteValue) throws {
    try database.run("INSERT INTO sample(value) VALUES (?)", value)
    let values = try database.rows("SELECT value, typeof(value) FROM sample") {
      row -> SQLiteValue? in
      switch row.text(1) {
      case "integer": row.integer(0).map(SQLiteValue.integer)
      case "real": row.real(0).map(SQLiteValue.real)
      case "text": row.text(0).map(SQLiteValue.text)
      case "blob": row.blob(0).map(SQLiteValue.blob)
      default: row.isNull(0) ? .null : nil
      }
    }
    #expect(values == [value])
  }

  @Test("NaN becomes NULL")
  func notANumber() throws {
    #expect(try database.rows("SELECT ?", .real(.nan)) { $0.isNull(0) } == [true])
  }

  @Test("Invalid UTF-8 is repaired")
  func repairedText() throws {
    let texts = try database.rows("SELECT CAST(? AS TEXT)", .blob([0x61, 0xFF, 0x62])) {
      $0.text(0)
    }
    #expect(texts == ["a\u{FFFD}b"])
  }

  @Test("NULL and a missing column are nil in every type")
  func absent() throws {
    let rows = try database.rows("SELECT NULL") { row in
      for column in [0, 1] {
        let isNull = row.isNull(column)
        let values: [Any?] = [
          row.integer(column), row.real(column), row.text(column), row.blob(column),
        ]
        #expect(isNull)
        #expect(values.allSatisfy { $0 == nil })
      }
      return 1
    }
    #expect(rows == [1])
  }

  @Test("integer returns the first column of the first row, or nil")
  func integer() throws {
    #expect(try database.integer("SELECT ? + ?", .integer(40), .integer(2)) == 42)
    #expect(try database.integer("SELECT NULL") == nil)
    #expect(try database.integer("SELECT id FROM sample") == nil)
  }

  // MARK: - Statements

  @Test("execute runs several statements and ignores their rows")
  func execute() throws {
    try database.execute("INSERT INTO sample DEFAULT VALUES; SELECT 1; PRAGMA user_version = 7")
    #expect(try database.integer("PRAGMA user_version") == 7)
    #expect(try database.integer("SELECT count(*) FROM sample") == 1)
  }

  @Test("A statement is reused with other values")
  func reuse() throws {
    for number in 1...1_000 {
      try database.run("INSERT INTO sample(value) VALUES (?)", .integer(Int64(number)))
      #expect(database.lastInsertedRowID == Int64(number))
    }
    #expect(try database.integer("SELECT sum(value) FROM sample") == 500_500)
    try database.run("DELETE FROM sample WHERE value > ?", .integer(900))
    #expect(database.changes == 100)
  }

  @Test("A failed statement can be reused")
  func reuseAfterFailure() throws {
    let insert = "INSERT INTO sample(id, value) VALUES (?, ?)"
    try database.run(insert, .integer(1), .text("one"))
    let error = #expect(throws: SQLiteError.self) {
      try database.run(insert, .integer(1), .text("again"))
    }
    // SQLITE_CONSTRAINT and SQLITE_CONSTRAINT_PRIMARYKEY.
    #expect(error?.code == 19)
    #expect(error?.extendedCode == 1_555)
    try database.run(insert, .integer(2), .text("two"))
    #expect(try database.rows("SELECT value FROM sample") { $0.text(0) } == ["one", "two"])
  }

  @Test("A query nested in the same query has its own rows")
  func nested() throws {
    let query = "SELECT value FROM sample WHERE value > ? ORDER BY value"
    for number in 1...3 {
      try database.run("INSERT INTO sample(value) VALUES (?)", .integer(Int64(number)))
    }
    let rows = try database.rows(query, .integer(0)) { outer in
      let number = outer.integer(0) ?? 0
      return try database.rows(query, .integer(number)) { $0.integer(0) ?? 0 }
    }
    #expect(rows == [[2, 3], [3], []])
  }

  @Test("An error in a row ends the query, and the next query starts again")
  func readerThrows() throws {
    struct Unreadable: Error {}
    try database.execute("INSERT INTO sample(value) VALUES (1), (2)")
    let query = "SELECT value FROM sample"
    #expect(throws: Unreadable.self) { try database.rows(query) { _ in throw Unreadable() } }
    // A statement without a reset would keep its lock and its position.
    try database.execute("DROP TABLE sample")
    #expect(throws: SQLiteError.self) { try database.rows(query) { _ in } }
  }

  @Test(
    "Anything but one statement with its values is an error that contains the SQL",
    arguments: [
      ("SELEKT 1", 1), ("SELECT * FROM missing", 1), ("", 21), ("-- nothing", 21),
      ("SELECT 1; SELECT 2", 21), ("SELECT ?", 25), ("SELECT ?, ?2, ?2", 25),
    ] as [(String, Int32)])
  func wrongSQL(sql: String, code: Int32) {
    let error = #expect(throws: SQLiteError.self) { try database.run(sql) }
    #expect(error?.code == code)
    #expect(error?.action == sql)
    #expect(error?.description.hasPrefix("\(sql): ") == true)
  }

  @Test("A statement may end with a semicolon and a line break")
  func semicolon() throws {
    #expect(try database.integer("SELECT 1;\n") == 1)
  }

  // MARK: - Transactions

  @Test("A transaction is committed and returns the result of its body")
  func commit() throws {
    let count = try database.transaction {
      for _ in 0..<3 { try database.run("INSERT INTO sample DEFAULT VALUES") }
      return try database.integer("SELECT count(*) FROM sample")
    }
    #expect(count == 3)
    #expect(try database.integer("SELECT count(*) FROM sample") == 3)
  }

  @Test("A transaction whose body throws is rolled back, and the next one can start")
  func rollback() throws {
    struct Trouble: Error {}
    #expect(throws: Trouble.self) {
      try database.transaction {
        try database.run("INSERT INTO sample DEFAULT VALUES")
        throw Trouble()
      }
    }
    #expect(try database.integer("SELECT count(*) FROM sample") == 0)
    try database.transaction { try database.run("INSERT INTO sample DEFAULT VALUES") }
    #expect(try database.integer("SELECT count(*) FROM sample") == 1)
  }

  @Test("A transaction whose commit fails is rolled back")
  func commitFails() throws {
    try database.execute(
      """
      PRAGMA foreign_keys = ON;
      CREATE TABLE note(sample INTEGER REFERENCES sample(id) DEFERRABLE INITIALLY DEFERRED);
      """)
    let error = #expect(throws: SQLiteError.self) {
      try database.transaction { try database.run("INSERT INTO note VALUES (1)") }
    }
    #expect(error?.action == "COMMIT")
    #expect(try database.integer("SELECT count(*) FROM note") == 0)
    try database.transaction { try database.run("INSERT INTO sample DEFAULT VALUES") }
  }

  @Test("A nested transaction is refused, and both are rolled back")
  func nestedTransaction() throws {
    #expect(throws: SQLiteError.self) {
      try database.transaction {
        try database.run("INSERT INTO sample DEFAULT VALUES")
        try database.transaction {}
      }
    }
    #expect(try database.integer("SELECT count(*) FROM sample") == 0)
  }
}
