import Deflate
import ProcFS

/// The bytes of a ``HistoryBlock``, in three parts that are read separately: the points, the series, the processes.
///
/// Each part stores columns of differences, since most values are close to the previous one, and zlib compresses them.
struct EncodedBlock: Sendable, Equatable {
  var points: [UInt8]
  var series: [UInt8]
  var processes: [UInt8]
}

extension HistoryBlock {
  /// - Parameter seriesNumber: The number under which a series is stored.
  func encoded(seriesNumber: (Series) throws -> Int64) rethrows -> EncodedBlock {
    EncodedBlock(
      points: Self.packed(encodedPoints()),
      series: Self.packed(try encodedSeries(seriesNumber)),
      processes: Self.packed(processes.encoded()))
  }

  /// Decodes the given parts.
  ///
  /// - Parameters:
  ///   - series: The series to decode, by number.
  ///   - encodedProcesses: `nil` to leave out the processes.
  init(
    id: Int64, resolution: Resolution, points encodedPoints: [UInt8],
    series encodedSeries: [UInt8]?, wanted series: [Int64: Series],
    processes encodedProcesses: [UInt8]?
  ) throws(ByteReader.Damage) {
    self.init(id: id, resolution: resolution)
    var reader = try Self.unpacked(encodedPoints)
    points = try Self.points(&reader)
    if let encodedSeries {
      reader = try Self.unpacked(encodedSeries)
      columns = try Self.columns(&reader, points.count, series)
    }
    if let encodedProcesses {
      reader = try Self.unpacked(encodedProcesses)
      processes = try ProcessColumns(&reader, points: points.count)
    }
  }

  // MARK: - Compression

  /// Writes the uncompressed length first, so that a reader can allocate the buffer.
  static func packed(_ writer: ByteWriter) -> [UInt8] {
    var head = ByteWriter()
    head.write(count: writer.bytes.count)
    guard let packed = Zlib.compress(writer.bytes) else {
      preconditionFailure("libdeflate had no memory")
    }
    return head.bytes + packed
  }

  static func unpacked(_ bytes: [UInt8]) throws(ByteReader.Damage) -> ByteReader {
    var reader = ByteReader(bytes)
    let count = try reader.count()
    guard let restored = Zlib.decompress(bytes, from: reader.position, count: count) else {
      throw ByteReader.Damage()
    }
    return ByteReader(restored)
  }

  // MARK: - Points

  func encodedPoints() -> ByteWriter {
    var writer = ByteWriter()
    writer.write(count: points.count)
    // The interval between samples is nearly constant, so the difference of differences is near 0.
    var time: Int64 = 0
    var pace: Int64 = 0
    for point in points {
      writer.write(signed: point.time - time - pace)
      pace = time == 0 ? 0 : point.time - time
      time = point.time
    }
    var elapsed: Int64 = 0
    for point in points {
      writer.write(signed: (point.elapsed - elapsed) / Self.grain)
      elapsed = point.elapsed
    }
    for point in points { writer.write(count: point.samples) }
    return writer
  }

  /// The resolution of measured time in microseconds.
  static let grain: Int64 = 100

  static func points(_ reader: inout ByteReader) throws(ByteReader.Damage)
    -> [HistoryPoint]
  {
    let count = try reader.count()
    var points: [HistoryPoint] = []
    points.reserveCapacity(count)
    var time: Int64 = 0
    var pace: Int64 = 0
    for _ in 0..<count {
      let next = time &+ pace &+ (try reader.signed())
      pace = time == 0 ? 0 : next &- time
      time = next
      points.append(HistoryPoint(time: time, elapsed: 0))
    }
    var elapsed: Int64 = 0
    for index in points.indices {
      elapsed &+= (try reader.signed()) &* grain
      points[index].elapsed = elapsed
    }
    for index in points.indices { points[index].samples = try reader.count() }
    return points
  }

  // MARK: - Series

  func encodedSeries(_ number: (Series) throws -> Int64) rethrows -> ByteWriter {
    var writer = ByteWriter()
    writer.write(count: columns.count)
    for (series, column) in columns.sorted(by: { $0.key.name < $1.key.name }) {
      writer.write(UInt64(try number(series)))
      writer.write(Self.encoded(column, isSample: resolution == .sample))
    }
    return writer
  }

  private static func encoded(_ column: SeriesColumn, isSample: Bool) -> ByteWriter {
    var writer = ByteWriter()
    var before: Int64 = 0
    for value in column.average {
      // 0 means no value, so the code of a difference starts at 1.
      guard let value else {
        writer.write(0)
        continue
      }
      let difference = value - before
      writer.write(UInt64(bitPattern: (difference << 1) ^ (difference >> 63)) + 1)
      before = value
    }
    if !isSample {
      for (index, value) in column.average.enumerated() {
        guard let value else { continue }
        writer.write(signed: value - (column.minimum[index] ?? value))
        writer.write(signed: (column.maximum[index] ?? value) - value)
      }
    }
    return writer
  }

  static func columns(
    _ reader: inout ByteReader, _ points: Int, _ wanted: [Int64: Series]
  ) throws(ByteReader.Damage) -> [Series: SeriesColumn] {
    var columns: [Series: SeriesColumn] = [:]
    for _ in 0..<(try reader.count()) {
      let number = Int64(truncatingIfNeeded: try reader.unsigned())
      var part = try reader.part()
      guard let series = wanted[number] else { continue }
      columns[series] = try column(&part, points)
    }
    return columns
  }

  private static func column(_ reader: inout ByteReader, _ points: Int) throws(ByteReader.Damage)
    -> SeriesColumn
  {
    var column = SeriesColumn(average: [])
    column.average.reserveCapacity(points)
    var before: Int64 = 0
    for _ in 0..<points {
      let code = try reader.unsigned()
      guard code > 0 else {
        column.average.append(nil)
        continue
      }
      before &+= Int64(bitPattern: ((code - 1) >> 1) ^ (0 &- ((code - 1) & 1)))
      column.average.append(before)
    }
    guard !reader.isAtEnd else { return column }
    for value in column.average {
      guard let value else {
        column.minimum.append(nil)
        column.maximum.append(nil)
        continue
      }
      column.minimum.append(value &- (try reader.signed()))
      column.maximum.append(value &+ (try reader.signed()))
    }
    return column
  }
}

extension BlockView {
  /// Decodes the points; values are decoded on demand.
  init(
    _ resolution: HistoryBlock.Resolution, stored points: [UInt8], series: [UInt8]?,
    _ places: [Int64: Int]
  ) throws(ByteReader.Damage) {
    var reader = try HistoryBlock.unpacked(points)
    let points = try HistoryBlock.points(&reader)
    guard let series else {
      self.init(resolution, points)
      return
    }
    self.init(
      resolution, points, .stored(try HistoryBlock.unpacked(series), places: places))
  }
}
