import Testing

@testable import TopServer

@Suite struct ByteCodingTests {
  @Test(arguments: [0, 1, 127, 128, 300, UInt64(Int64.max), UInt64.max])
  func numbersComeBack(_ value: UInt64) throws {
    var writer = ByteWriter()
    writer.write(value)
    var reader = ByteReader(writer.bytes)
    #expect(try reader.unsigned() == value)
    #expect(reader.isAtEnd)
  }

  @Test(arguments: [0, 1, -1, 63, -64, 64, Int64.max, Int64.min])
  func numbersOfEitherSignComeBack(_ value: Int64) throws {
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
  func whatEndsTooEarlyIsDamage(_ bytes: [UInt8]) {
    var reader = ByteReader(bytes)
    #expect(throws: ByteReader.Damage.self) { try reader.unsigned() }
  }

  @Test func aPartIsPassedOver() throws {
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
}
