import Testing

@testable import TopServer

@Suite struct ByteCodingTests {
  @Test(arguments: [0, 1, 127, 128, 300, UInt64(Int64.max), UInt64.max])
  func unsignedNumbersRoundTrip(_ value: UInt64) throws {
    var writer = ByteWriter()
    writer.write(value)
    var reader = ByteReader(writer.bytes)
    #expect(try reader.unsigned() == value)
    #expect(reader.isAtEnd)
  }

  @Test(arguments: [0, 1, -1, 63, -64, 64, Int64.max, Int64.min])
  func signedNumbersRoundTrip(_ value: Int64) throws {
    var writer = ByteWriter()
    writer.write(signed: value)
    var reader = ByteReader(writer.bytes)
    #expect(try reader.signed() == value)
  }

  @Test func smallNumbersTakeOneByte() {
    var writer = ByteWriter()
    for value: Int64 in -64...63 { writer.write(signed: value) }
    #expect(writer.bytes.count == 128)
  }

  @Test(arguments: [[], [0x80], Array(repeating: 0xFF, count: 11)] as [[UInt8]])
  func aTruncatedNumberIsDamage(_ bytes: [UInt8]) {
    var reader = ByteReader(bytes)
    #expect(throws: ByteReader.Damage.self) { try reader.unsigned() }
  }

  @Test func aPartIsSkipped() throws {
    var part = ByteWriter()
    part.write(7)
    var writer = ByteWriter()
    writer.write(part)
    writer.write(9)
    var reader = ByteReader(writer.bytes)
    var inner = try reader.part()
    #expect(try inner.unsigned() == 7)
    #expect(inner.isAtEnd)
    #expect(try reader.unsigned() == 9)
  }

  @Test func aPartThatIsLongerThanTheRestIsDamage() {
    var reader = ByteReader([5, 1])
    #expect(throws: ByteReader.Damage.self) { try reader.part() }
  }

  @Test func aColumnRoundTripsWithItsGapsAndExtremes() throws {
    let average: [Int64?] = [5, nil, -700, 3_000_000_000, nil, 0]
    let column = SeriesColumn(
      average: average, minimum: average.map { $0.map { $0 - 9 } },
      maximum: average.map { $0.map { $0 + 1_000_000 } })
    var block = HistoryBlock(id: 1, resolution: .minute)
    block.points = (0..<6).map { HistoryPoint(time: $0 * 60_000, elapsed: 60_000_000) }
    block.columns = [.whole("one"): column]
    let bytes = block.encodedSeries { _ in 1 }.bytes
    var reader = ByteReader(bytes)
    #expect(try reader.count() == 1 && reader.unsigned() == 1)
    var part = try reader.part()
    // The buffer held a column of another length before.
    var (values, least, greatest) = (Array(repeating: Int64(3), count: 9), [Int64](), [Int64]())
    try part.differences(6, none: .min, into: &values)
    #expect(values == average.map { $0 ?? .min })
    try part.extremes(of: values, none: .min, into: &least, &greatest)
    #expect(least == column.minimum.map { $0 ?? .min })
    #expect(greatest == column.maximum.map { $0 ?? .min })
    #expect(part.isAtEnd)
  }

  @Test(arguments: [[], [0x81], [5, 0x80]] as [[UInt8]])
  func aTruncatedColumnIsDamage(_ bytes: [UInt8]) {
    var reader = ByteReader(bytes)
    var values: [Int64] = []
    #expect(throws: ByteReader.Damage.self) {
      try reader.differences(2, none: .min, into: &values)
    }
  }
}
