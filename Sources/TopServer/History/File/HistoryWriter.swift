import Linux
import Logging
import SQLite

/// Writes batches to the history file, on its own thread because a disk may hang.
actor HistoryWriter: OwnThreadActor {
  nonisolated let executor = SerialQueueExecutor(label: "history-writer")
  private let folder: String
  private let limit: Int64
  private let patience: Duration
  private let logger: Logger
  private var lock: FileLock?
  private var store: HistoryStore?
  /// The identity of the open file.
  private var identity: Files.Identity?
  private var generation = 0
  /// The first number of this run; smaller numbers belong to earlier runs.
  private var runStart: Int64?

  /// The result of writing a batch.
  struct Outcome: Sendable {
    /// Why the batch is not in the file, or `nil` when it is.
    var fault: String?
    /// The size of the file and its write-ahead log in bytes.
    var size: Int64
    var oldest: Int64?
    /// The number of files opened; see ``RecorderState/generation``.
    var generation: Int
  }

  /// - Parameters:
  ///   - folder: Created if it does not exist.
  ///   - limit: The size limit of the file in bytes.
  ///   - patience: How long to wait for readers that prevent a checkpoint of the write-ahead log.
  init(folder: String, limit: Int64, patience: Duration = .seconds(3), logger: Logger) {
    self.folder = folder
    self.limit = limit
    self.patience = patience
    self.logger = logger
  }

  nonisolated var path: String { Self.path(in: folder) }

  /// The path of the history file in a data folder.
  static func path(in folder: String) -> String { "\(folder)/history.db" }

  /// The first number that this run may give to its blocks and processes.
  ///
  /// - Parameter time: Nanoseconds since the epoch; the lower bound of the number, so that it is unused even when the
  ///   file cannot be opened now.
  func firstNumber(atLeast time: Int64) -> Int64 {
    let free = try? open().firstFreeNumber()
    let number = max(time, free ?? 0)
    runStart = number
    try? store?.endRuns(before: number)
    return number
  }

  /// The hosts in the file, in the order of their numbers.
  func hosts() -> [String] { (try? open().hosts()) ?? [] }

  /// Writes a batch; after a failure part of it may be in the file, and the caller must write all of it again.
  ///
  /// - Parameter isDoubted: Whether a reader found the file damaged; the file is checked first.
  func write(_ batch: HistoryBatch, isDoubted: Bool = false) -> Outcome {
    do {
      if isDoubted {
        // Reopen the file: a connection with the page in its cache does not notice the damage.
        store = nil
        try open().check()
      }
      return try attempt(batch)
    } catch let error as SQLiteError where error.isCorrupt {
      do {
        try setAside(because: error)
        return try attempt(batch)
      } catch {
        return failed(error)
      }
    } catch {
      return failed(error)
    }
  }

  private func attempt(_ batch: HistoryBatch) throws -> Outcome {
    let store = try open()
    try store.write(batch, limit: limit)
    return Outcome(size: size(), oldest: try store.oldest(), generation: generation)
  }

  private func size() -> Int64 { HistoryStore.size(of: Files.resolved(path)) }

  private func failed(_ error: any Error) -> Outcome {
    // Reopen next time: the cause may have ended, or the file may be another one. A blocking reader needs no new
    // connection.
    if case .heldByReader? = error as? HistoryFault {} else { store = nil }
    return Outcome(fault: Self.reason(error, path), size: size(), generation: generation)
  }

  private func open() throws -> HistoryStore {
    if let store {
      if (try? Files.identity(of: path)) == identity { return store }
      // Data written to an unlinked file would be lost.
      logger.warning("\(path) was removed; starting a new history file")
      self.store = nil
      lock = nil
    }
    try Files.createFolders(folder, mode: 0o700)
    if lock == nil { lock = try takeLock() }
    // SQLite would create the file readable by others. It gives the log the permissions of the file.
    try Files.makePrivate(Files.resolved(path))
    keepPrivate()
    let opened = try HistoryStore(path: path, patience: patience)
    keepPrivate()
    if let runStart { try opened.endRuns(before: runStart) }
    identity = try Files.identity(of: path)
    store = opened
    generation += 1
    return opened
  }

  /// Restricts the permissions of a file that an earlier version created.
  ///
  /// It ignores errors, and a link or a file of another user keeps its permissions: their owner chose them.
  private func keepPrivate() {
    for suffix in ["", "-wal", "-shm"] { try? Files.keepPrivate(path + suffix) }
  }

  /// Locks the folder: otherwise SQLite would let two servers write alternately and mix their histories.
  private func takeLock() throws -> FileLock {
    let path = "\(folder)/history.lock"
    do {
      return try FileLock(path: path)
    } catch {
      guard error.isHeldByAnother else { throw error }
      throw HistoryFault.inUse(by: FileLock.holder(of: path).map { "pid \($0)" } ?? "unknown pid")
    }
  }

  /// Renames a damaged file, so that recording continues and an operator can inspect it.
  private func setAside(because error: SQLiteError) throws {
    store = nil
    let time = RFC3339.text(nanosecondsSinceEpoch: Instant.now().wall).filter { $0 != ":" }
    let target = try Files.setAside(path, as: "damaged", at: time, with: ["-wal", "-shm"])
    logger.warning("the history was damaged (\(error)) and is kept as \(target)")
  }

  private static func reason(_ error: any Error, _ path: String) -> String {
    switch error {
    case let error as SQLiteError where error.isFull: "the disk of \(path) is full"
    case let error as SQLiteError where error.isReadOnly:
      "\(path) cannot be written: \(error.message)"
    case let error as SQLiteError: "\(path): \(error.message)"
    case let error as HistoryFault: "\(path): \(error)"
    default: "\(error)"
    }
  }
}
