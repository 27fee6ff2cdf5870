/// A block without processes as one compressed stream of points and series.
///
/// A minute of one host is so short that two streams would be a tenth longer.
extension HistoryBlock {
  /// - Parameter seriesNumber: The number under which a series is stored.
  func encodedAlone(_ seriesNumber: (Series) -> Int64) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(encodedPoints())
    writer.write(encodedSeries(seriesNumber))
    return Self.packed(writer)
  }

  /// - Parameter series: The series to decode, by number.
  init(
    id: Int64, resolution: Resolution, alone bytes: [UInt8], wanted series: [Int64: Series]
  ) throws(ByteReader.Damage) {
    self.init(id: id, resolution: resolution)
    var reader = try Self.unpacked(bytes)
    var part = try reader.part()
    points = try Self.points(&part)
    part = try reader.part()
    columns = try Self.columns(&part, points.count, series)
  }

  /// Merges the samples of several blocks in order of time, without duplicates.
  ///
  /// The hub assigns times to a host whose clock is wrong, and another run of the hub assigns slightly different ones.
  /// So two samples count as one when they are closer than a quarter of the measured interval.
  static func union(_ blocks: [HistoryBlock]) -> HistoryBlock {
    var union = HistoryBlock(id: blocks.first?.id ?? 0, resolution: .sample)
    var sources: [(block: Int, point: Int)] = []
    for (block, one) in blocks.enumerated() {
      sources += one.points.indices.map { (block, $0) }
    }
    func time(_ source: (block: Int, point: Int)) -> Int64 {
      blocks[source.block].points[source.point].time
    }
    sources.sort { (time($0), $0.block) < (time($1), $1.block) }
    var kept: [(block: Int, point: Int)] = []
    for source in sources {
      let nearest = blocks[source.block].points[source.point].elapsed / 4000
      if let last = kept.last, time(source) - time(last) <= nearest { continue }
      kept.append(source)
    }
    union.points = kept.map { blocks[$0.block].points[$0.point] }
    for series in Set(blocks.flatMap(\.columns.keys)) {
      let columns = blocks.map { $0.columns[series] }
      union.columns[series] = SeriesColumn(
        average: kept.map { columns[$0.block]?.average[$0.point] })
    }
    return union
  }
}
