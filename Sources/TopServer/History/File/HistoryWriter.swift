import Linux
import Logging
import SQLite

/// Writes batches to the history file, on a thread of its own: a disk may hang.
actor HistoryWriter: OwnThreadActor {
  nonisolated let executor = SerialQueueExecutor(label: "history-writer")
  private let folder: String
  private let limit: Int64
  private let patience: Duration
  private let logger: Logger
  private var lock: FileLock?
  private var store: HistoryStore?
  /// Which file the store is.
  private var identity: Files.Identity?
  private var generation = 0
  /// Where the numbers of this run begin; those before belong to runs that have ended.
  private var runStart: Int64?

  /// What came of a batch.
  struct Outcome: Sendable {
    /// Why it is not in the file, or `nil` when it is.
    var fault: String?
    /// Bytes of the file and what belongs to it.
    var size: Int64
    var oldest: Int64?
    /// Counts the files; see ``RecorderState/generation``.
    var generation: Int
  }

  /// - Parameters:
  ///   - folder: Made when it is not there.
  ///   - limit: Bytes that the file may take.
  ///   - patience: How long to wait for readers that keep the log beside the file from being emptied.
  init(folder: String, limit: Int64, patience: Duration = .seconds(3), logger: Logger) {
    self.folder = folder
    self.limit = limit
    self.patience = patience
    self.logger = logger
  }

  nonisolated var path: String { Self.path(in: folder) }

  /// The history file of a data folder.
  static func path(in folder: String) -> String { "\(folder)/history.db" }

  /// Where this run may number its blocks and processes from.
  ///
  /// - Parameter time: Nanoseconds since the epoch; the number is at least this, so that it is free even when the file
  ///   cannot be opened now.
  func firstNumber(atLeast time: Int64) -> Int64 {
    let free = try? open().firstFreeNumber()
    let number = max(time, free ?? 0)
    runStart = number
    try? store?.endRuns(before: number)
    return number
  }

  /// The hosts of the fleet that the file knows, in the order of their numbers.
  func hosts() -> [String] { (try? open().hosts()) ?? [] }

  /// Writes a batch; when that fails a part of it may be in the file, and all of it is to be written again.
  ///
  /// - Parameter isDoubted: Whether a reader found the file damaged; it is then looked through first.
  func write(_ batch: HistoryBatch, isDoubted: Bool = false) -> Outcome {
    do {
      if isDoubted {
        // Opened anew, since a connection that has a page in memory does not see that it is damaged in the file.
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
    // Opened anew next time: the cause may be gone, or the file be another one. A reader in the way is no fault of ours.
    if case .heldByReader? = error as? HistoryFault {} else { store = nil }
    return Outcome(fault: Self.reason(error, path), size: size(), generation: generation)
  }

  private func open() throws -> HistoryStore {
    if let store {
      if (try? Files.identity(of: path)) == identity { return store }
      // What is written to a file without a name is lost.
      logger.warning("\(path) was taken away; the history begins anew")
      self.store = nil
      lock = nil
    }
    try Files.createFolders(folder, mode: 0o700)
    if lock == nil { lock = try takeLock() }
    // SQLite would make it readable to others, and gives the files beside it the permissions that it has.
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

  /// Takes the permissions of others from what an earlier version has made.
  ///
  /// A link and a file of another user keep theirs: their owner chose them.
  private func keepPrivate() {
    for suffix in ["", "-wal", "-shm"] { try? Files.keepPrivate(path + suffix) }
  }

  /// SQLite would let two servers write by turns, and their histories would be mixed up.
  private func takeLock() throws -> FileLock {
    let path = "\(folder)/history.lock"
    do {
      return try FileLock(path: path)
    } catch {
      guard error.isHeldByAnother else { throw error }
      throw HistoryFault.inUse(by: FileLock.holder(of: path).map { "pid \($0)" } ?? "unknown pid")
    }
  }

  /// Renames a damaged file, so that an operator can look at it and recording goes on.
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
