import Jansson
import ProcFS
import SQLite

/// The format of an export.
enum ExportFormat: String, Sendable, CaseIterable {
  case csv
  case jsonl
}

/// Exports the history row by row.
struct HistoryExport {
  let archive: HistoryArchive
  let format: ExportFormat
  /// Receives the text, some rows at a time.
  let write: ([UInt8]) throws -> Void

  /// Milliseconds to read at once, so that months need no more memory than an hour.
  private static let portion: Int64 = 3_600_000
  /// Bytes of text to write at once.
  private static let chunk = 1 << 18

  /// Reads the range once, portion by portion, in the order of time.
  ///
  /// Each portion has its own transaction, which ends before the rows are written. So a slow reader of the export does not
  /// prevent checkpoints of the write-ahead log.
  ///
  /// - Parameter processes: Whether to export process activity instead of series.
  func run(_ query: HistoryQuery, processes: Bool) throws {
    if let host = query.host, try !archive.knows(host: host) { throw HistoryError.unknownHost }
    // Skip the time before the first and after the last recorded moment; the first point measured the time before it.
    let recorded = try recordedRange(query) ?? query.to...query.to
    var query = query
    query.portionOf = query.from...query.to
    query.from = min(max(query.from, recorded.lowerBound - Self.portion), query.to)
    query.to = max(min(query.to, recorded.upperBound), query.from)
    let stored = try archive.series()
    let known = query.host == nil ? stored : FleetSeries.all
    let reading = try Reading(
      stored: stored, longest: archive.longestBlock(),
      selection: HistorySelection(query, known: Array(known.values)))
    let length = processes ? Self.portion : try length(query, reading.selection)
    try writeHead(reading.selection, processes: processes)
    // Portions begin at whole steps, so no step is split.
    let step = query.chosenStep
    var start: Int64? = query.firstStep
    while let begin = start, begin <= query.to {
      var part = query
      (part.from, part.to) = (max(begin, query.from), min(begin + length - 1, query.to))
      if processes {
        try writeActivity(part, reading)
      } else {
        let columns = try columns(part, reading)
        if !columns.isEmpty { try writeColumns(columns) }
      }
      start = try nextMoment(begin + length, query, reading).map {
        begin + length + ($0 - begin - length) / step * step
      }
    }
  }

  /// Values that are read once for all portions.
  private struct Reading {
    var stored: [Int64: Series]
    /// See ``HistoryArchive/longestBlock()``.
    var longest: Int64
    var selection: HistorySelection
  }

  /// The length of a portion in milliseconds: an hour, or less where that many series would exceed the limit of values.
  ///
  /// - Throws: a ``HistoryError`` when a single row would exceed it.
  private func length(_ query: HistoryQuery, _ selection: HistorySelection) throws -> Int64 {
    let columns = selection.columns.count
    let step = query.chosenStep
    var row = query
    (row.from, row.to) = (0, step - 1)
    try HistoryBudget.check(row, columns: columns)
    let rows = min(
      max(Self.portion, step) / step, Int64(HistoryBudget.mostPoints(columns: columns)))
    return max(1, rows) * step
  }

  private func recordedRange(_ query: HistoryQuery) throws -> ClosedRange<Int64>? {
    query.host == nil ? try archive.range() : try archive.fleetRange()
  }

  /// The next moment at which something may be recorded; `nil` when there is none.
  private func nextMoment(_ moment: Int64, _ query: HistoryQuery, _ reading: Reading) throws
    -> Int64?
  {
    guard query.host == nil else { return moment }
    // The first sample after a gap may have measured a part of the gap.
    return try archive.earliestMoment(
      after: moment, longest: reading.longest + Self.portion)
  }

  private func columns(_ query: HistoryQuery, _ reading: Reading) throws -> HistoryColumns {
    try archive.database.snapshot {
      guard let host = query.host else {
        let source = try RecordedBlocks(
          from: query.from, to: query.to, archive, recent: [], stored: reading.stored,
          longest: reading.longest)
        return try HistoryColumns(query, source, reading.selection)
      }
      let source = FleetBlocks(of: host, query, archive, recent: [])
      return try HistoryColumns(query, source, reading.selection)
    }
  }

  /// Writes the first line of a table.
  private func writeHead(_ selection: HistorySelection, processes: Bool) throws {
    guard format == .csv else { return }
    try write(
      Self.line(processes ? Self.names : ["time"] + selection.columns.map(\.name)))
  }

  // MARK: - Series

  private func writeColumns(_ columns: HistoryColumns) throws {
    let names = columns.selection.columns
    var text: [UInt8] = []
    for (index, time) in columns.times.enumerated() {
      let values = names.map { columns.value($0, index) }
      if values.allSatisfy({ $0 == nil }) { continue }
      let moment = RFC3339.text(millisecondsSinceEpoch: time)
      switch format {
      case .csv:
        text += Self.line([moment] + values.map { $0.map { "\($0)" } ?? "" })
      case .jsonl:
        let members = zip(names, values).map { column, value in
          JSONValue.Member(column.name, JSONValue(value) { .real($0) })
        }
        text += JSONValue.object([.init("time", .string(moment))] + members).encoded() + [0x0A]
      }
      guard text.count > Self.chunk else { continue }
      try write(text)
      text.removeAll(keepingCapacity: true)
    }
    if !text.isEmpty { try write(text) }
  }

  // MARK: - Processes

  private static let names = [
    "time", "seconds", "pid", "start_time", "name", "uid", "ppid", "user_seconds",
    "system_seconds", "children_user_seconds", "children_system_seconds", "status",
  ]

  private func writeActivity(_ query: HistoryQuery, _ reading: Reading) throws {
    // Read the packed blocks at once; see ``run(_:processes:)``.
    let blocks = try archive.storedBlocks(
      from: query.from, to: query.to, longest: reading.longest)
    for stored in blocks {
      if let block = stored.block { try writeActivity(block, query) }
    }
  }

  private func writeActivity(_ block: HistoryBlock, _ query: HistoryQuery) throws {
    var text: [UInt8] = []
    for (reference, entries) in block.processes.activity.sorted(by: { $0.key < $1.key }) {
      guard let process = try archive.process(reference) else { continue }
      for entry in entries {
        let point = block.points[entry.point]
        guard point.time >= query.from, point.time <= query.to else { continue }
        text += row(process, entry, point)
      }
      guard text.count > Self.chunk else { continue }
      try write(text)
      text.removeAll(keepingCapacity: true)
    }
    if !text.isEmpty { try write(text) }
  }

  private func row(
    _ process: RecordedProcess, _ entry: ProcessColumns.Activity, _ point: HistoryPoint
  ) -> [UInt8] {
    func seconds(_ hundredths: Int64) -> JSONValue { .real(Double(hundredths) / 100) }
    let values: [JSONValue] = [
      .string(RFC3339.text(millisecondsSinceEpoch: point.time)),
      .real((Double(point.elapsed) / 1e6).rounded(places: 3)),
      .integer(Int64(process.identity.pid)),
      .string(RFC3339.text(millisecondsSinceEpoch: process.startTime)), .string(process.name),
      .integer(Int64(process.uid)), .integer(Int64(process.parentPID)), seconds(entry.user),
      seconds(entry.system), seconds(entry.childrenUser), seconds(entry.childrenSystem),
      .string(entry.state.rawValue),
    ]
    guard format == .csv else {
      return JSONValue.object(zip(Self.names, values).map { .init($0, $1) }).encoded() + [0x0A]
    }
    return Self.line(
      values.map { value in
        if case .string(let text) = value { return text }
        return String(decoding: value.encoded(), as: UTF8.self)
      })
  }

  /// One CSV record; see RFC 4180.
  private static func line(_ fields: [String]) -> [UInt8] {
    let quoted = fields.map { field in
      field.contains { ",\"\r\n".contains($0) || $0.isNewline }
        ? "\"\(field.replacing("\"", with: "\"\""))\"" : field
    }
    return Array((quoted.joined(separator: ",") + "\r\n").utf8)
  }
}
