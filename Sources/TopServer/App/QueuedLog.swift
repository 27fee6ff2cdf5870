import Linux
import Logging

/// Log lines on standard error, written by a thread of their own: a log that nobody reads holds up no caller.
struct QueuedLog: LogHandler {
  let label: String
  let lines: LineQueue
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  /// Bytes that wait to be written; lines beyond that are counted and left out.
  static let limit = 1 << 20

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    lines.add(Self.line(event.level, label, "[\(event.source)] \(event.message)", .now()))
  }

  /// Universal time: for local time the C library would read a file at each line.
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
      "\(count) log lines were left out: nobody read the log for so long "
        + "that \(QueuedLog.limit >> 20) MiB of it waited", .now())
  }

  /// Begins to log; once in a program.
  static func logger(_ level: Logger.Level) -> Logger {
    LoggingSystem.bootstrap { QueuedLog(label: $0, lines: lines) }
    var logger = Logger(label: "topserver")
    logger.logLevel = level
    return logger
  }

  /// Lets the last lines out before the program ends; a log that nobody reads delays the end by a second.
  static func flush() { lines.flush(within: .seconds(1)) }
}
