/// The command line of a process as one bounded line of text.
enum CommandLineText {
  /// The largest result in bytes of UTF-8.
  ///
  /// A longer command line is cut and ends with `…`.
  static let mostBytes = 4096

  /// Joins the arguments, with quotes around those that need them.
  ///
  /// Control characters are escapes such as `\n` and `\u{1b}`, and what is not valid UTF-8 is U+FFFD. Secrets are
  /// removed before the line is cut, so half of one never stands alone.
  ///
  /// - Parameter scrubbing: Whether passwords, tokens and the like become `***`; see ``CommandScrubber``.
  static func of(_ arguments: ArgumentList, scrubbing: Bool = true) -> String {
    var text = ""
    var scrubber = CommandScrubber()
    for index in 0..<arguments.count {
      let isCut = arguments.isCut && index == arguments.count - 1
      let argument =
        scrubbing
        ? scrubber.scrub(arguments[index], isFirst: index == 0, isCut: isCut)
        : Array(arguments[index])
      if index > 0 { text.append(" ") }
      append(argument, to: &text)
      if text.utf8.count > mostBytes { return IdentityText.cut(text, atMost: mostBytes) }
    }
    return arguments.isCut ? IdentityText.cut(text + " …", atMost: mostBytes) : text
  }

  private static func append(_ argument: [UInt8], to text: inout String) {
    // What is left out is beyond the limit in any case.
    let decoded = String(decoding: argument.prefix(mostBytes + 4), as: UTF8.self)
    let isSpecial = decoded.utf8.isEmpty || decoded.utf8.contains { needsQuotes($0) }
    guard isSpecial || decoded.unicodeScalars.contains(where: { escape($0) != nil }) else {
      text += decoded
      return
    }
    text.append("'")
    for scalar in decoded.unicodeScalars {
      if let escape = escape(scalar) {
        text += escape
      } else if scalar == "'" {
        text += "'\\''"
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    text.append("'")
  }

  /// What a shell would not take as part of a word.
  private static func needsQuotes(_ byte: UInt8) -> Bool {
    switch byte {
    case ..<0x21, 0x7F: true
    case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "`"),
      UInt8(ascii: "$"), UInt8(ascii: "&"), UInt8(ascii: "|"), UInt8(ascii: ";"),
      UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "("), UInt8(ascii: ")"):
      true
    default: false
    }
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String? {
    switch scalar {
    case "\n": return "\\n"
    case "\t": return "\\t"
    case "\r": return "\\r"
    default: break
    }
    guard scalar.value < 0x20 || scalar.value >= 0x7F else { return nil }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator:
      return "\\u{" + String(scalar.value, radix: 16) + "}"
    default: return nil
    }
  }
}
