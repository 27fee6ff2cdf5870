import Linux
import Logging

/// A small file in the data folder that keeps state across restarts.
///
/// Each write replaces the whole file. A file that cannot be read or parsed is never overwritten: it is renamed first.
/// Not Sendable: it belongs to the actor that reads and writes it.
struct StateFile {
  let path: String
  private let folder: String
  /// Names the content in log messages, in the plural.
  private let subject: String
  private let logger: Logger
  /// Why the existing file is unusable; it must be renamed before the next write.
  private var objection: String?
  /// Whether the file existed after the last load or write.
  private var isThere = false
  /// Consecutive failed writes.
  private var failures = 0

  /// The limit of a read in bytes, far above anything that the server writes.
  private static let mostBytes = 64 << 20
  /// Seconds to wait after a failed write: the first pause doubles with each failure, up to the longest.
  private static let (firstPause, longestPause) = (1, 64)

  /// - Parameters:
  ///   - folder: Created if it does not exist.
  ///   - subject: Names the content in log messages, in the plural.
  init(_ name: String, in folder: String, of subject: String, logger: Logger) {
    path = "\(folder)/\(name)"
    self.folder = folder
    self.subject = subject
    self.logger = logger
  }

  /// Reads the state that the previous run stored.
  ///
  /// - Parameter parse: Throws when the content is invalid.
  /// - Returns: `nil` when there is no file or it is unusable.
  mutating func load<Value>(_ parse: ([UInt8]) throws -> Value) -> Value? {
    Files.removeDrafts(of: path)
    // An earlier version may have let others read the file. Restrict access before anything else.
    try? Files.keepPrivate(path)
    do {
      let value = try parse(try Files.read(path, atMost: Self.mostBytes).bytes)
      isThere = true
      return value
    } catch let error as SystemCallError where error.isMissingFile || error.isNotFolder {
      logger.debug("no previous \(subject): \(error)")
    } catch let error as SystemCallError {
      objection = "\(error)"
    } catch {
      objection = "\(path): \(error)"
    }
    do {
      try setAside()
    } catch {
      logger.notice("previous \(subject) are lost, and their file cannot be renamed yet: \(error)")
    }
    return nil
  }

  /// Replaces the content.
  ///
  /// - Returns: `false` when the write failed; the caller tries again after ``pause``.
  mutating func write(_ bytes: [UInt8]) -> Bool {
    do {
      try Files.createFolders(folder, mode: 0o700)
      try setAside()
      try Files.replace(path, with: bytes)
    } catch {
      // Log the first failure only.
      if failures == 0 {
        logger.error("cannot store \(subject): \(error); trying again until it succeeds")
      }
      failures += 1
      return false
    }
    if failures > 0 { logger.notice("\(subject) are stored again") }
    failures = 0
    isThere = true
    return true
  }

  /// Whether the file was removed after it was stored, so that it must be written again although nothing changed.
  var isGone: Bool { isThere && (try? Files.identity(of: path)) == nil }

  /// The time to wait after a failed write.
  var pause: Duration {
    .seconds(min(Self.longestPause, Self.firstPause << min(max(failures - 1, 0), 10)))
  }

  /// Renames an unusable file.
  private mutating func setAside() throws {
    guard let reason = objection else { return }
    let moment = RFC3339.text(nanosecondsSinceEpoch: Instant.now().wall).filter { $0 != ":" }
    var kept = "its file is gone"
    do {
      kept = "the file is kept as \(try Files.setAside(path, as: "unusable", at: moment))"
    } catch {
      guard error.isMissingFile else { throw error }
    }
    logger.notice("previous \(subject) are lost: \(reason); \(kept)")
    objection = nil
  }
}
