/// A walk over the words of a line of /proc, without copying them.
///
/// Words are separated by spaces or tabs. A number that is missing or no number is `nil`, and the parser says which
/// field that was.
struct Fields {
  private var position: Int
  private let end: Int

  /// The words between two places of the bytes, which every call gets anew: a span may not be kept.
  init(_ range: Range<Int>) {
    position = range.lowerBound
    end = range.upperBound
  }

  private mutating func skipBlanks(_ bytes: Span<UInt8>) {
    while position < end, bytes[position] == 0x20 || bytes[position] == 0x09 { position += 1 }
  }

  /// The next byte that is not blank, as a word of one letter.
  mutating func letter(_ bytes: Span<UInt8>) -> UInt8? {
    skipBlanks(bytes)
    guard position < end else { return nil }
    let letter = bytes[position]
    position += 1
    // A word of two letters is not a letter.
    guard position == end || bytes[position] <= 0x20 else { return nil }
    return letter
  }

  /// Where the next word stands; a path may have any control character in it but those that end a word.
  mutating func word(_ bytes: Span<UInt8>) -> Range<Int>? {
    skipBlanks(bytes)
    let start = position
    skipWord(bytes)
    return position > start ? start..<position : nil
  }

  private mutating func skipWord(_ bytes: Span<UInt8>) {
    while position < end, !Self.endsWord(bytes[position]) { position += 1 }
  }

  private static func endsWord(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A
  }

  /// Passes over words without looking at them.
  mutating func skip(_ count: Int, _ bytes: Span<UInt8>) {
    for _ in 0..<count {
      skipBlanks(bytes)
      skipWord(bytes)
    }
  }

  /// The next word as a number that fits 64 bits; one that is no such number is passed over.
  mutating func unsigned(_ bytes: Span<UInt8>) -> UInt64? {
    skipBlanks(bytes)
    var value: UInt64 = 0
    let start = position
    while position < end, bytes[position] > 0x20 {
      guard value.append(digit: bytes[position]) else {
        skipWord(bytes)
        return nil
      }
      position += 1
    }
    return position > start ? value : nil
  }

  /// The next word as a number that may have decimals, which must fit 64 bits without their point.
  mutating func decimal(_ bytes: Span<UInt8>) -> Double? {
    skipBlanks(bytes)
    var digits: UInt64 = 0
    var scale = 1.0
    var hasDigits = false
    var hasPoint = false
    while position < end, bytes[position] > 0x20 {
      if bytes[position] == UInt8(ascii: "."), !hasPoint {
        hasPoint = true
      } else {
        guard digits.append(digit: bytes[position]) else { return nil }
        hasDigits = true
        if hasPoint { scale *= 10 }
      }
      position += 1
    }
    // One division of whole numbers gives the number nearest to the text.
    return hasDigits ? Double(digits) / scale : nil
  }

  /// The next word as a number that may be negative.
  mutating func signed(_ bytes: Span<UInt8>) -> Int64? {
    skipBlanks(bytes)
    guard position < end, bytes[position] == 0x2D else {
      return unsigned(bytes).flatMap { Int64(exactly: $0) }
    }
    position += 1
    return unsigned(bytes).flatMap { Int64(exactly: $0) }.map { -$0 }
  }

  /// The next word as a counter of the kernel.
  ///
  /// One that was decremented below zero reads as nearly 2^64: no counter comes that far, so it is no number at all.
  mutating func counter(_ bytes: Span<UInt8>) -> UInt64? {
    guard let value = unsigned(bytes), value < 1 << 63 else { return nil }
    return value
  }

  /// The next word as a counter of clock ticks, or `nil` when it is missing, negative or too large for a time.
  mutating func tickCounter(_ bytes: Span<UInt8>) -> UInt64? {
    guard let value = signed(bytes), value >= 0, value < 1 << 56 else { return nil }
    return UInt64(value)
  }

  /// The next word as a time in clock ticks.
  ///
  /// The kernel prints some of them signed, and a negative one is no time at all. More than two million years is a
  /// mistake of the kernel; without the bound, sums could overflow.
  mutating func ticks(_ bytes: Span<UInt8>) -> UInt64? {
    guard let value = signed(bytes), value < 1 << 56 else { return nil }
    return UInt64(max(0, value))
  }
}

extension UInt64 {
  /// Takes one more decimal digit.
  ///
  /// - Returns: false when it is no digit, or the number would not fit.
  fileprivate mutating func append(digit byte: UInt8) -> Bool {
    let digit = byte &- 0x30
    let (product, tooLarge) = multipliedReportingOverflow(by: 10)
    let (sum, tooLargeSum) = product.addingReportingOverflow(UInt64(digit))
    guard digit <= 9, !tooLarge, !tooLargeSum else { return false }
    self = sum
    return true
  }
}
