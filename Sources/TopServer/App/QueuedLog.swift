import Linux
import Logging

/// A log on standard error that a separate thread writes, so that a stalled reader never blocks a caller.
struct QueuedLog: LogHandler {
  let label: String
  let lines: LineQueue
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  /// The maximum number of bytes that may wait to be written; further lines are counted and dropped.
  static let limit = 1 << 20

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    lines.add(Self.line(event.level, label, "[\(event.source)] \(event.message)", .now()))
  }

  /// Uses UTC: for local time, the C library would read a file at each line.
  static func line(_ level: Logger.Level, _ label: String, _ text: String, _ time: Instant)
    -> String
  {
    "\(RFC3339.text(nanosecondsSinceEpoch: time.wall)) \(level) \(label): \(text)"
  }
}

/// The log of the program.
enum ProgramLog {
  private static let lines = LineQueue(limit: QueuedLog.limit) { count in
    QueuedLog.line(
      .warning, "topserver",
      "\(count) log lines were dropped: the reader of the log was so slow "
        + "that \(QueuedLog.limit >> 20) MiB waited", .now())
  }

  /// Starts logging; call it once in a program.
  static func logger(_ level: Logger.Level) -> Logger {
    LoggingSystem.bootstrap { QueuedLog(label: $0, lines: lines) }
    var logger = Logger(label: "topserver")
    logger.logLevel = level
    return logger
  }

  /// Writes the last lines before the program exits; if nothing reads the log, this delays the exit by a second.
  static func flush() { lines.flush(within: .seconds(1)) }
}
