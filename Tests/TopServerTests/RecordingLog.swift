import Logging
import Synchronization

/// Keeps the logged lines.
struct RecordingLog: LogHandler {
  final class Lines: Sendable {
    let all = Mutex<[String]>([])

    /// A logger that writes to it.
    var logger: Logger { Logger(label: "test") { _ in RecordingLog(lines: self) } }
  }
  let lines: Lines
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level = .trace

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    lines.all.withLock { $0.append("\(event.level): \(event.message)") }
  }
}
