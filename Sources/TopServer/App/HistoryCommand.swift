import ArgumentParser
import FoundationEssentials
import Linux
import SQLite

/// Exports the recorded data to standard output, for scripts and spreadsheets.
struct HistoryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "Export what was recorded, as CSV or JSON Lines.",
    discussion: """
      Reads the history file directly, so it works with and without a running server:
        topserver history --from -1h --series cpu.busy_percent,load.load_1 > load.csv
        topserver history --from -15m --processes --format jsonl
      Times are RFC 3339, seconds since the epoch, now, or a relative time such as -15m.
      It ends when its reader closes the pipe, as in "topserver history | head".
      """)

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Start of the export.", valueName: "time"))
  var from = "-1h"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("End of the export.", valueName: "time"))
  var to = "now"

  @Option(
    help: ArgumentHelp(
      "Time between two rows, such as 10s or 5m; points recorded farther apart are exported as they are.",
      valueName: "time"))
  var step = "1s"

  @Option(
    help: ArgumentHelp(
      "Series to export, separated by commas. cpu.* selects all whose names begin with \"cpu.\"; a name may end with :min, :max or :avg.",
      valueName: "names"))
  var series = "all"

  @Option(
    help: ArgumentHelp("Another host of the fleet. (default: this machine)", valueName: "name"))
  var host: String?

  @Flag(help: "Export the use of each process instead of the series.")
  var processes = false

  @Option(help: ArgumentHelp("Format: csv, or jsonl for one JSON object per line."))
  var format = ExportFormat.csv

  @Option(
    help: ArgumentHelp(
      "Folder of the history. (default: the same as for serve)", valueName: "folder"))
  var data: String?

  func run() async throws {
    let environment = ProcessInfo.processInfo.environment
    let variable = environment["TOPSERVER_DATA"].flatMap { $0.isEmpty ? nil : $0 }
    guard let folder = data ?? variable ?? DataFolder.usual(environment) else {
      throw Failure("no folder of a history is known; choose one with --data")
    }
    do {
      let archive = try HistoryArchive(path: HistoryWriter.path(in: folder))
      try HistoryExport(archive: archive, format: format) { try Console.write($0) }.run(
        try query(), processes: processes)
    } catch let error as SystemCallError where error.isClosedByReader {
      throw ReaderLeft()
    } catch let error as SystemCallError {
      throw Failure("cannot write the export: \(error)")
    } catch let error as HistoryError {
      throw Failure(error, host: host)
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure("cannot read \(HistoryWriter.path(in: folder)): \(error)")
    }
  }

  func validate() throws {
    guard host == nil || !processes else {
      throw ValidationError("--processes: processes of other hosts are not recorded")
    }
  }

  private func query() throws -> HistoryQuery {
    var query = try HistoryQuery(
      [("from", from), ("to", to), ("series", series)], now: Instant.now().wall / 1_000_000)
    guard let step = Moment.duration(step[...]), step >= 1000 else {
      throw Failure.usage("--step \(step): it accepts a time such as 1s or 5m")
    }
    query.step = step
    query.host = host
    return query
  }
}

/// The reader has closed standard output, which ends the program without a message.
struct ReaderLeft: Error {
  /// The status that a shell shows for a program ended by SIGPIPE: 128 plus the number of the signal.
  ///
  /// See signal(7).
  static let status: Int32 = 128 + 13
}

extension ExportFormat: ExpressibleByArgument {}

extension Failure {
  /// Why there is no export.
  fileprivate init(_ error: HistoryError, host: String?) {
    switch error {
    case .unknownHost:
      self.init("no samples of a host called \(LogText.visible(host ?? "")) were recorded")
    default: self = .usage(error.description)
    }
  }
}
