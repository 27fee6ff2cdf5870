/// Iterates over the lines of a /proc file without copying them.
struct Lines {
  private var position = 0

  /// The range of the next line without its newline; `nil` after the last line.
  ///
  /// Each call receives the bytes as an argument because a span cannot be stored.
  mutating func next(_ bytes: Span<UInt8>) -> Range<Int>? {
    guard position < bytes.count else { return nil }
    let start = position
    while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
    let line = start..<position
    position += 1
    return line
  }
}
