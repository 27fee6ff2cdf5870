/// Measures the functions in a Swift text.
enum FunctionLengths {
  struct Function: Equatable {
    var name: String
    /// The line on which it begins.
    var line: Int
    /// The number of lines from there to its last brace, both included.
    var length: Int
  }

  /// Functions, initializers, subscripts and computed properties, in the order of their ends; closures belong to the
  /// function that they are in.
  static func functions(in text: String) -> [Function] {
    let tokens = SwiftCode.tokensWithLines(of: text)
    var found: [Function] = []
    /// For each open brace, the declaration whose body it opens.
    var open: [(name: String, line: Int)?] = []
    /// The declaration whose body has not begun, and the number of parentheses open before it.
    var pending: (name: String, line: Int, depth: Int)?
    var depth = 0
    for (place, (token, line)) in tokens.enumerated() {
      switch token {
      case .word(let word):
        let isMember = place > 0 && tokens[place - 1].token == .sign(UInt8(ascii: "."))
        if !isMember, let name = declared(by: word, tokens, place) {
          pending = (name, line, depth)
        } else if !isMember, others.contains(word) {
          pending = nil
        }
      case .sign(UInt8(ascii: "(")), .sign(UInt8(ascii: "[")): depth += 1
      case .sign(UInt8(ascii: ")")), .sign(UInt8(ascii: "]")): depth -= 1
      case .sign(UInt8(ascii: "{")):
        let isBody = pending?.depth == depth
        open.append(isBody ? pending.map { ($0.name, $0.line) } : nil)
        if isBody { pending = nil }
      case .sign(UInt8(ascii: "}")):
        if let function = open.popLast() ?? nil {
          found.append(
            Function(
              name: function.name, line: function.line, length: line - function.line + 1))
        }
      case .sign(UInt8(ascii: "=")):
        // A stored property. The default value of a parameter is inside parentheses.
        if let waiting = pending, waiting.depth == depth, waiting.name.hasPrefix("var ") {
          pending = nil
        }
      case .sign: break
      }
    }
    return found
  }

  /// Declarations whose braces contain no code.
  private static let others: Set = [
    "struct", "class", "enum", "actor", "protocol", "extension", "case", "let", "typealias",
  ]

  private static func declared(
    by word: String, _ tokens: [(token: SwiftCode.Token, line: Int)], _ place: Int
  ) -> String? {
    switch word {
    case "func", "var":
      // The name of an operator is not a word.
      let next = tokens.indices.contains(place + 1) ? tokens[place + 1].token.word : nil
      return "\(word) \(next ?? "operator")"
    case "init", "deinit", "subscript": return word
    default: return nil
    }
  }
}
