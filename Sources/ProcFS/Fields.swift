/// Iterates over the words of a line of /proc without copying them.
///
/// Spaces and tabs separate words. A missing or invalid number is `nil`; the parser reports which field that was.
struct Fields {
  private var position: Int
  private let end: Int

  /// Starts at the words in a range.
  ///
  /// Each method receives the bytes as an argument because a span cannot be stored.
  init(_ range: Range<Int>) {
    position = range.lowerBound
    end = range.upperBound
  }

  private mutating func skipBlanks(_ bytes: Span<UInt8>) {
    while position < end, bytes[position] == 0x20 || bytes[position] == 0x09 { position += 1 }
  }

  /// The next word if it is a single letter.
  mutating func letter(_ bytes: Span<UInt8>) -> UInt8? {
    skipBlanks(bytes)
    guard position < end else { return nil }
    let letter = bytes[position]
    position += 1
    // A longer word is not a letter.
    guard position == end || bytes[position] <= 0x20 else { return nil }
    return letter
  }

  /// The range of the next word.
  ///
  /// A path may contain any control characters except those that end a word.
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

  /// Skips a number of words.
  mutating func skip(_ count: Int, _ bytes: Span<UInt8>) {
    for _ in 0..<count {
      skipBlanks(bytes)
      skipWord(bytes)
    }
  }

  /// The next word as an unsigned 64-bit number.
  ///
  /// An invalid word is skipped and gives `nil`.
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

  /// The next word as a number that may have decimals.
  ///
  /// Its digits without the point must fit 64 bits.
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
    // A single division of two integers gives the nearest double.
    return hasDigits ? Double(digits) / scale : nil
  }

  /// The next word as a signed number.
  mutating func signed(_ bytes: Span<UInt8>) -> Int64? {
    skipBlanks(bytes)
    guard position < end, bytes[position] == 0x2D else {
      return unsigned(bytes).flatMap { Int64(exactly: $0) }
    }
    position += 1
    return unsigned(bytes).flatMap { Int64(exactly: $0) }.map { -$0 }
  }

  /// The next word as a kernel counter.
  ///
  /// A counter that was decremented below zero reads as nearly 2^64. No real counter gets there, so it is invalid.
  mutating func counter(_ bytes: Span<UInt8>) -> UInt64? {
    guard let value = unsigned(bytes), value < 1 << 63 else { return nil }
    return value
  }

  /// The next word as a counter of clock ticks; `nil` if it is missing, negative or implausibly large.
  mutating func tickCounter(_ bytes: Span<UInt8>) -> UInt64? {
    guard let value = signed(bytes), value >= 0, value < 1 << 56 else { return nil }
    return UInt64(value)
  }

  /// The next word as a time in clock ticks.
  ///
  /// The kernel prints some times as signed numbers; a negative one counts as 0. More than two million years is a
  /// kernel error and is invalid; the bound also prevents overflow in sums.
  mutating func ticks(_ bytes: Span<UInt8>) -> UInt64? {
    guard let value = signed(bytes), value < 1 << 56 else { return nil }
    return UInt64(max(0, value))
  }
}

extension UInt64 {
  /// Appends a decimal digit.
  ///
  /// - Returns: false if the byte is not a digit or the number would overflow.
  fileprivate mutating func append(digit byte: UInt8) -> Bool {
    let digit = byte &- 0x30
    let (product, tooLarge) = multipliedReportingOverflow(by: 10)
    let (sum, tooLargeSum) = product.addingReportingOverflow(UInt64(digit))
    guard digit <= 9, !tooLarge, !tooLargeSum else { return false }
    self = sum
    return true
  }
}
