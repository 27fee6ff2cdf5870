/// Writes whole numbers so that small ones are short: seven bits to a byte, the lowest first (LEB128).
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  mutating func write(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// A number that is not negative.
  mutating func write(count value: Int) { write(UInt64(value)) }

  /// A number of either sign: 0, -1, 1, -2, 2 … become 0, 1, 2, 3, 4.
  mutating func write(signed value: Int64) {
    write(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }

  mutating func write(_ other: ByteWriter) {
    write(count: other.bytes.count)
    bytes += other.bytes
  }
}

/// Reads what a ``ByteWriter`` wrote.
struct ByteReader {
  private let bytes: [UInt8]
  private var position: Int
  private let end: Int

  var isAtEnd: Bool { position >= end }

  /// Thrown when the bytes end too early or say what cannot be.
  struct Damage: Error, Equatable {}

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    position = 0
    end = bytes.count
  }

  private init(_ bytes: [UInt8], _ range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  mutating func unsigned() throws(Damage) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while position < end, shift < 64 {
      let byte = bytes[position]
      position += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    throw Damage()
  }

  mutating func signed() throws(Damage) -> Int64 {
    let value = try unsigned()
    return Int64(bitPattern: (value >> 1) ^ (0 &- (value & 1)))
  }

  /// A number of things that each take at least one byte, or fewer than that.
  mutating func count() throws(Damage) -> Int {
    let value = try unsigned()
    guard value <= 1 << 24 else { throw Damage() }
    return Int(value)
  }

  /// A part that was written with its length; it is passed over.
  mutating func part() throws(Damage) -> ByteReader {
    let length = try count()
    guard length <= end - position else { throw Damage() }
    defer { position += length }
    return ByteReader(bytes, position..<position + length)
  }
}
