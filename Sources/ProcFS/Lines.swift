/// A walk over the lines of a file of /proc, without copying them.
struct Lines {
  private var position = 0

  /// Where the next line stands, without its end; `nil` after the last.
  ///
  /// Every call gets the bytes anew: a span may not be kept.
  mutating func next(_ bytes: Span<UInt8>) -> Range<Int>? {
    guard position < bytes.count else { return nil }
    let start = position
    while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
    let line = start..<position
    position += 1
    return line
  }
}
