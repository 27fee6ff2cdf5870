/// Whether a place in a text is within quotes, by the rules of a shell or by those of most other texts.
struct QuoteState {
  /// In the code of a shell nothing is an escape within `'`, and a comment has no quotes.
  var isShell = false
  /// The quotes that are open.
  private(set) var open: UInt8?
  private var isEscaped = false
  private var isComment = false
  /// `$'…'` has escapes.
  private var hasEscapes = false
  private var before = UInt8(ascii: " ")

  init(isShell: Bool) { self.isShell = isShell }

  /// Whether a space would end the word.
  var isPlain: Bool { open == nil && !isEscaped }

  /// Whether a byte closes the quotes that are open.
  func closes(_ byte: UInt8) -> Bool { open == byte && !isEscaped }

  /// Goes past a byte.
  mutating func pass(_ byte: UInt8) {
    defer { before = byte }
    if isEscaped {
      isEscaped = false
      return
    }
    if isComment {
      isComment = byte != UInt8(ascii: "\n")
      return
    }
    if byte == UInt8(ascii: "\\"), !isShell || open != UInt8(ascii: "'") || hasEscapes {
      isEscaped = true
    } else if let quote = open {
      if byte == quote { open = nil }
    } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")
      || byte == UInt8(ascii: "`") && !isShell
    {
      open = byte
      hasEscapes = before == UInt8(ascii: "$")
    } else if isShell, byte == UInt8(ascii: "#"),
      before == UInt8(ascii: " ") || before == UInt8(ascii: "\n")
    {
      isComment = true
    }
  }
}
