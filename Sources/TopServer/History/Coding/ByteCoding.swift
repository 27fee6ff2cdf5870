/// Writes integers in LEB128, so that small ones are short: seven bits per byte, the lowest first.
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

  /// Writes a non-negative number.
  mutating func write(count value: Int) { write(UInt64(value)) }

  /// Writes a number of either sign in zigzag code: 0, -1, 1, -2, 2 … become 0, 1, 2, 3, 4.
  mutating func write(signed value: Int64) {
    write(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }

  mutating func write(_ other: ByteWriter) {
    write(count: other.bytes.count)
    bytes += other.bytes
  }
}

/// Reads the bytes of a ``ByteWriter``.
struct ByteReader {
  private let bytes: [UInt8]
  /// The offset of the next number.
  private(set) var position: Int
  private let end: Int

  var isAtEnd: Bool { position >= end }

  /// Thrown when the bytes end too early or hold an invalid value.
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
    var position = self.position
    let value = try Self.number(bytes.span, &position, end)
    self.position = position
    return value
  }

  mutating func signed() throws(Damage) -> Int64 {
    let value = try unsigned()
    return Int64(bitPattern: (value >> 1) ^ (0 &- (value & 1)))
  }

  /// Reads a count, at most 2^24, so that damaged bytes cannot demand unbounded memory.
  mutating func count() throws(Damage) -> Int {
    let value = try unsigned()
    guard value <= 1 << 24 else { throw Damage() }
    return Int(value)
  }

  /// Reads `count` codes, each 0 for no value or else one more than the zigzag difference to the previous value.
  ///
  /// It neither allocates nor calls a function per value, since an answer spends most of its time here.
  ///
  /// - Parameter none: The result for a missing value.
  mutating func differences(_ count: Int, none: Int64, into values: inout [Int64]) throws(Damage) {
    values.resize(to: count)
    var position = self.position
    var value: Int64 = 0
    let bytes = bytes
    let source = bytes.span
    var target = values.mutableSpan
    for index in 0..<count {
      let code = try Self.number(source, &position, end)
      guard code > 0 else {
        target[index] = none
        continue
      }
      value &+= Int64(bitPattern: ((code - 1) >> 1) ^ (0 &- ((code - 1) & 1)))
      target[index] = value
    }
    self.position = position
  }

  /// Reads the distances of minimum and maximum from each value; a missing value has none.
  mutating func extremes(
    of values: [Int64], none: Int64, into least: inout [Int64], _ greatest: inout [Int64]
  ) throws(Damage) {
    least.resize(to: values.count)
    greatest.resize(to: values.count)
    var position = self.position
    let bytes = bytes
    let source = bytes.span
    var low = least.mutableSpan
    var high = greatest.mutableSpan
    for index in 0..<values.count {
      let value = values[index]
      guard value != none else {
        low[index] = none
        high[index] = none
        continue
      }
      let below = try Self.number(source, &position, end)
      let above = try Self.number(source, &position, end)
      low[index] = value &- Int64(bitPattern: (below >> 1) ^ (0 &- (below & 1)))
      high[index] = value &+ Int64(bitPattern: (above >> 1) ^ (0 &- (above & 1)))
    }
    self.position = position
  }

  @inline(__always)
  private static func number(_ bytes: borrowing Span<UInt8>, _ position: inout Int, _ end: Int)
    throws(Damage) -> UInt64
  {
    guard position < end else { throw Damage() }
    let first = bytes[position]
    position += 1
    if first < 0x80 { return UInt64(first) }
    var value = UInt64(first & 0x7F)
    var shift: UInt64 = 7
    while position < end, shift < 64 {
      let byte = bytes[position]
      position += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    throw Damage()
  }

  /// Reads a part that was written with its length, and skips it in this reader.
  mutating func part() throws(Damage) -> ByteReader {
    let length = try count()
    guard length <= end - position else { throw Damage() }
    defer { position += length }
    return ByteReader(bytes, position..<position + length)
  }
}

extension [Int64] {
  /// Changes the length and keeps the capacity; the content of the elements is unspecified.
  fileprivate mutating func resize(to count: Int) {
    if self.count > count {
      removeLast(self.count - count)
    } else if self.count < count {
      append(contentsOf: repeatElement(0, count: count - self.count))
    }
  }
}
