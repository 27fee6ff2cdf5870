import SQLite

/// The tables of the history file, and the migrations from earlier versions.
enum HistorySchema {
  /// Marks a file as ours: "tops" in ASCII.
  ///
  /// See PRAGMA application_id.
  static let applicationID: Int64 = 0x746F_7073

  /// Each migration leads to the next version; never change one, only append.
  private static let migrations = [
    """
    CREATE TABLE series (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      scale REAL NOT NULL
    ) STRICT;
    CREATE TABLE process (
      id INTEGER PRIMARY KEY,
      boot TEXT NOT NULL,
      pid INTEGER NOT NULL,
      start_ticks INTEGER NOT NULL,
      start_time INTEGER NOT NULL,
      name TEXT NOT NULL,
      uid INTEGER NOT NULL,
      ppid INTEGER NOT NULL,
      is_kernel INTEGER NOT NULL,
      ended INTEGER
    ) STRICT;
    CREATE INDEX process_ended ON process (ended);
    CREATE TABLE block (
      id INTEGER PRIMARY KEY,
      resolution INTEGER NOT NULL,
      first INTEGER NOT NULL,
      last INTEGER NOT NULL,
      points BLOB NOT NULL,
      series BLOB NOT NULL,
      processes BLOB NOT NULL
    ) STRICT;
    CREATE INDEX block_time ON block (last, first);
    CREATE INDEX block_resolution ON block (resolution, last);
    CREATE TABLE past_use (
      block INTEGER NOT NULL REFERENCES block ON DELETE CASCADE,
      what INTEGER NOT NULL,
      samples INTEGER NOT NULL,
      minimum REAL NOT NULL,
      total REAL NOT NULL,
      maximum REAL NOT NULL,
      PRIMARY KEY (block, what)
    ) STRICT, WITHOUT ROWID;
    """,
    """
    CREATE TABLE host (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      last INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE host_block (
      id INTEGER PRIMARY KEY,
      data BLOB NOT NULL
    ) STRICT;
    """,
    // The last block that uses a series; NULL while later blocks may use it.
    "ALTER TABLE series ADD COLUMN ended INTEGER;",
  ]

  static var version: Int64 { Int64(migrations.count) }

  /// Migrates an open file to the current version.
  ///
  /// - Throws: ``HistoryFault`` when the file belongs to another program or to a newer version of ours.
  static func migrate(_ database: Database) throws {
    let owner = try database.integer("PRAGMA application_id") ?? 0
    let found = try database.integer("PRAGMA user_version") ?? 0
    let isEmpty = try database.integer("SELECT count(*) FROM sqlite_schema") == 0
    guard owner == applicationID || (owner == 0 && isEmpty) else { throw HistoryFault.foreign }
    guard found <= version else { throw HistoryFault.newer(found) }
    if isEmpty {
      // auto_vacuum must be set before the first table. It lets the file shrink without a rewrite.
      try database.execute("PRAGMA auto_vacuum = INCREMENTAL")
    }
    try database.execute("PRAGMA journal_mode = WAL")
    guard found < version else { return }
    try database.transaction {
      try database.execute("PRAGMA application_id = \(applicationID)")
      for migration in migrations[Int(found)...] { try database.execute(migration) }
      try database.execute("PRAGMA user_version = \(version)")
    }
  }
}

/// Why the history file cannot be used.
enum HistoryFault: Error, Equatable, CustomStringConvertible {
  /// The file is a database of another program.
  case foreign
  /// A newer version of this program wrote the file, in this format version.
  case newer(Int64)
  /// Another server writes to the file.
  case inUse(by: String)
  /// A reader prevents a checkpoint of the write-ahead log, with which the file would exceed the limit in bytes.
  case heldByReader(limit: Int64)
  /// The current data alone, without any past, exceeds the limit in bytes.
  case limitTooSmall(limit: Int64)

  var description: String {
    switch self {
    case .foreign: "it belongs to another program"
    case .newer(let version):
      "it has format \(version), of a newer version; this one writes format \(HistorySchema.version)"
    case .inUse(let other): "another server records to it (\(other))"
    case .heldByReader(let limit):
      "another program keeps a read transaction open, so the log beside the file (-wal) cannot be "
        + "emptied, and both together have reached --history-limit (\(limit) bytes); recording resumes when it ends"
    case .limitTooSmall(let limit):
      "the processes and series of this moment alone exceed --history-limit (\(limit) bytes); choose a larger one"
    }
  }
}
