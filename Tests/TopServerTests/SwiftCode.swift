/// The code of a Swift text: without comments and the text of literals, but with the interpolated code in them.
enum SwiftCode {
  /// The words and signs in order, without white space.
  static func tokens(of text: String) -> [Token] { tokensWithLines(of: text).map(\.token) }

  /// The same, each with its line number, starting at 1.
  static func tokensWithLines(of text: String) -> [(token: Token, line: Int)] {
    var scanner = Scanner(bytes: Array(text.utf8))
    scanner.scan(untilParenthesis: false)
    return scanner.tokens
  }

  enum Token: Equatable {
    /// An identifier, a keyword or a number.
    case word(String)
    case sign(UInt8)

    var word: String? {
      guard case .word(let word) = self else { return nil }
      return word
    }
  }

  private struct Scanner {
    let bytes: [UInt8]
    var place = 0
    var tokens: [(token: Token, line: Int)] = []
    /// The line of the position up to which line breaks were counted.
    private var line = 1
    private var counted = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func add(_ token: Token, at start: Int) {
      line += bytes[counted..<start].count { $0 == UInt8(ascii: "\n") }
      counted = start
      tokens.append((token, line))
    }

    /// - Parameter untilParenthesis: Whether the code ends at the closing parenthesis of an interpolation.
    mutating func scan(untilParenthesis: Bool) {
      var depth = 0
      while place < bytes.count {
        let byte = bytes[place]
        if starts(with: "//") {
          while place < bytes.count, bytes[place] != UInt8(ascii: "\n") { place += 1 }
        } else if starts(with: "/*") {
          skipComment()
        } else if let hashes = hashesOfLiteral() {
          scanLiteral(hashes: hashes)
        } else if Self.isWord(byte) {
          let start = place
          while place < bytes.count, Self.isWord(bytes[place]) { place += 1 }
          add(.word(String(decoding: bytes[start..<place], as: UTF8.self)), at: start)
        } else {
          if byte == UInt8(ascii: "(") { depth += 1 }
          if byte == UInt8(ascii: ")") {
            if untilParenthesis, depth == 0 { return }
            depth -= 1
          }
          if byte > 0x20 { add(.sign(byte), at: place) }
          place += 1
        }
      }
    }

    private mutating func skipComment() {
      var depth = 0
      repeat {
        if starts(with: "/*") {
          (depth, place) = (depth + 1, place + 2)
        } else if starts(with: "*/") {
          (depth, place) = (depth - 1, place + 2)
        } else {
          place += 1
        }
      } while depth > 0 && place < bytes.count
    }

    /// The number of `#` before the quotation mark of a literal; `nil` if no literal begins here.
    private func hashesOfLiteral() -> Int? {
      let hashes = bytes[place...].prefix { $0 == UInt8(ascii: "#") }.count
      let end = place + hashes
      return end < bytes.count && bytes[end] == UInt8(ascii: "\"") ? hashes : nil
    }

    private mutating func scanLiteral(hashes: Int) {
      let fence = String(repeating: "#", count: hashes)
      place += hashes
      let quotes = starts(with: "\"\"\"") ? "\"\"\"" : "\""
      place += quotes.utf8.count
      while place < bytes.count {
        if starts(with: quotes + fence) {
          place += quotes.utf8.count + hashes
          return
        }
        if starts(with: "\\" + fence + "(") {
          place += hashes + 2
          scan(untilParenthesis: true)
          place += 1
        } else if starts(with: "\\" + fence) {
          // The escaped character may be a quotation mark.
          place += hashes + 2
        } else {
          place += 1
        }
      }
    }

    private func starts(with text: String) -> Bool { bytes[place...].starts(with: text.utf8) }

    private static func isWord(_ byte: UInt8) -> Bool {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), 0x80...: true
      default: false
      }
    }
  }
}
