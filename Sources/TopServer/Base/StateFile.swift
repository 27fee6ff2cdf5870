import Linux
import Logging

/// A small file in the data folder in which something survives a restart.
///
/// It is replaced whole. What stands there and cannot be read or understood is never overwritten: it is set aside first.
/// Not Sendable: it belongs to the actor that reads and writes it.
struct StateFile {
  let path: String
  private let folder: String
  /// What it holds, as the subject of a sentence in the log.
  private let subject: String
  private let logger: Logger
  /// Why what stands there cannot be used; it must be set aside before anything is written.
  private var objection: String?
  /// Whether there was a file at the last look.
  private var isThere = false
  /// Writes that failed one after the other.
  private var failures = 0

  /// Bytes that are read at most: far more than anything that we write.
  private static let mostBytes = 64 << 20
  /// Seconds after which a failed write is tried again: twice as long after each, up to the second.
  private static let (firstPause, longestPause) = (1, 64)

  /// - Parameters:
  ///   - folder: Made when it is not there.
  ///   - subject: What it holds, in the plural.
  init(_ name: String, in folder: String, of subject: String, logger: Logger) {
    path = "\(folder)/\(name)"
    self.folder = folder
    self.subject = subject
    self.logger = logger
  }

  /// Reads what the run before has left.
  ///
  /// - Parameter parse: Throws when the content makes no sense.
  /// - Returns: `nil` when there is no file, or when it had to be set aside.
  mutating func load<Value>(_ parse: ([UInt8]) throws -> Value) -> Value? {
    Files.removeDrafts(of: path)
    // An earlier version may have made it readable to others; to whom it belongs is the next question.
    try? Files.keepPrivate(path)
    do {
      let value = try parse(try Files.read(path, atMost: Self.mostBytes).bytes)
      isThere = true
      return value
    } catch let error as SystemCallError where error.isMissingFile || error.isNotFolder {
      logger.debug("no former \(subject): \(error)")
    } catch let error as SystemCallError {
      objection = "\(error)"
    } catch {
      objection = "\(path): \(error)"
    }
    do {
      try setAside()
    } catch {
      logger.notice("former \(subject) are lost, and their file cannot be renamed yet: \(error)")
    }
    return nil
  }

  /// Replaces the content.
  ///
  /// - Returns: Whether it is in the file now; if not, it is to be tried again after ``pause``.
  mutating func write(_ bytes: [UInt8]) -> Bool {
    do {
      try Files.createFolders(folder, mode: 0o700)
      try setAside()
      try Files.replace(path, with: bytes)
    } catch {
      // One line, not one for each attempt.
      if failures == 0 {
        logger.error("cannot store \(subject): \(error); this is tried again until it succeeds")
      }
      failures += 1
      return false
    }
    if failures > 0 { logger.notice("\(subject) are stored again") }
    failures = 0
    isThere = true
    return true
  }

  /// Whether somebody took the file away, so that it must be written although nothing changed.
  var isGone: Bool { isThere && (try? Files.identity(of: path)) == nil }

  /// How long to wait after a failed write.
  var pause: Duration {
    .seconds(min(Self.longestPause, Self.firstPause << min(max(failures - 1, 0), 10)))
  }

  /// Gives a file that cannot be used another name.
  private mutating func setAside() throws {
    guard let reason = objection else { return }
    let moment = RFC3339.text(nanosecondsSinceEpoch: Instant.now().wall).filter { $0 != ":" }
    var kept = "its file is gone"
    do {
      kept = "the file is kept as \(try Files.setAside(path, as: "unusable", at: moment))"
    } catch {
      guard error.isMissingFile else { throw error }
    }
    logger.notice("former \(subject) are lost: \(reason); \(kept)")
    objection = nil
  }
}
