/// A block as a query sees it: its points, and access to the wanted values.
struct BlockView {
  let resolution: HistoryBlock.Resolution
  let points: [HistoryPoint]
  let values: Values

  enum Values {
    case none
    /// The column of each wanted series, in the order of the query.
    case columns([SeriesColumn?])
    /// The stored bytes; `places` maps the number of each wanted series to its index in the query.
    case stored(ByteReader, places: [Int64: Int])
  }

  init(_ resolution: HistoryBlock.Resolution, _ points: [HistoryPoint], _ values: Values = .none) {
    (self.resolution, self.points, self.values) = (resolution, points, values)
  }

  /// A block in memory.
  init(_ block: HistoryBlock, _ wanted: [Series]) {
    self.init(
      block.resolution, block.points, .columns(wanted.map { block.columns[$0] }))
  }

  /// Calls `body` with each wanted series of the block.
  ///
  /// - Parameters:
  ///   - buffer: Receives the values; it is reused, so that a block needs no allocation.
  ///   - needsExtremes: Whether to decode minimum and maximum, by index of the series.
  ///   - isWanted: Whether to decode a series, by its index.
  ///   - body: Receives the index of the series and the buffer.
  func eachColumn(
    in buffer: inout ColumnBuffer, needsExtremes: [Bool],
    where isWanted: (Int) -> Bool = { _ in true }, _ body: (Int, borrowing ColumnBuffer) -> Void
  ) throws(ByteReader.Damage) {
    switch values {
    case .none: return
    case .columns(let columns):
      for (place, column) in columns.enumerated() {
        guard let column, isWanted(place) else { continue }
        buffer.load(column)
        body(place, buffer)
      }
    case .stored(var reader, let places):
      for _ in 0..<(try reader.count()) {
        let number = Int64(truncatingIfNeeded: try reader.unsigned())
        var part = try reader.part()
        guard let place = places[number], isWanted(place) else { continue }
        try buffer.read(&part, points.count, withExtremes: needsExtremes[place])
        body(place, buffer)
      }
    }
  }
}

/// The values of one series in one block, in a reusable buffer.
struct ColumnBuffer {
  /// ``none`` where there is no value.
  private(set) var average: [Int64] = []
  /// As long as ``average``, or empty where each value is its own minimum and maximum.
  private(set) var minimum: [Int64] = []
  private(set) var maximum: [Int64] = []

  static let none = Int64.min

  /// ``average`` with `nil` instead of ``none``.
  var known: [Int64?] { average.map { $0 == Self.none ? nil : $0 } }

  mutating func load(_ column: SeriesColumn) {
    func fill(_ values: inout [Int64], _ source: [Int64?]) {
      values.removeAll(keepingCapacity: true)
      for (value, average) in zip(source, column.average) {
        values.append(average.map { value ?? $0 } ?? Self.none)
      }
    }
    fill(&average, column.average)
    fill(&minimum, column.minimum)
    fill(&maximum, column.maximum)
  }

  mutating func read(_ reader: inout ByteReader, _ count: Int, withExtremes: Bool)
    throws(ByteReader.Damage)
  {
    try reader.differences(count, none: Self.none, into: &average)
    if withExtremes && !reader.isAtEnd {
      try reader.extremes(of: average, none: Self.none, into: &minimum, &maximum)
    } else {
      minimum.removeAll(keepingCapacity: true)
      maximum.removeAll(keepingCapacity: true)
    }
  }
}
