/// A piece of the text of a filter.
struct FilterToken: Equatable {
  enum Kind: Equatable {
    case word(String)
    case quoted(String)
    case comparison(Comparison)
    case open, close
    case end
  }

  enum Comparison: String, CaseIterable {
    case less = "<"
    case lessOrEqual = "<="
    case equal = "="
    case unequal = "!="
    case greaterOrEqual = ">="
    case greater = ">"
    case matches = "~"
  }

  var kind: Kind
  /// The place of its first character, from 1.
  var column: Int

  /// For an error message.
  var shown: String {
    switch kind {
    case .word(let text), .quoted(let text): "\"\(Wording.shortened(LogText.visible(text)))\""
    case .comparison(let comparison): "\"\(comparison.rawValue)\""
    case .open: "\"(\""
    case .close: "\")\""
    case .end: "the end"
    }
  }

  /// Whether it is this word of the language, in any case.
  func isWord(_ word: String) -> Bool {
    if case .word(let text) = kind { text.lowercased() == word } else { false }
  }
}

extension FilterToken {
  /// The pieces of a text, of which the last is the end.
  static func all(in text: String) throws(FilterError) -> [FilterToken] {
    let characters = Array(text)
    var tokens: [FilterToken] = []
    var place = 0
    while place < characters.count {
      let start = place
      let character = characters[place]
      place += 1
      let kind: Kind
      switch character {
      case _ where character.isWhitespace: continue
      case "(": kind = .open
      case ")": kind = .close
      case "\"", "'": kind = .quoted(try quoted(characters, &place))
      case "<", ">", "=", "!", "~": kind = .comparison(try comparison(characters, &place))
      default:
        while place < characters.count, isInWord(characters[place]) { place += 1 }
        kind = .word(String(characters[start..<place]))
      }
      tokens.append(FilterToken(kind: kind, column: start + 1))
    }
    return tokens + [FilterToken(kind: .end, column: characters.count + 1)]
  }

  private static func isInWord(_ character: Character) -> Bool {
    switch character {
    case "(", ")", "\"", "'", "<", ">", "=", "!", "~": false
    default: !character.isWhitespace
    }
  }

  /// Reads to the closing quote, which has the same form as the opening one.
  ///
  /// A backslash stands before a quote or another backslash that is part of the text. Before anything else it is part
  /// of the text itself, so that `"\d+"` is a regular expression.
  private static func quoted(_ characters: [Character], _ place: inout Int) throws(FilterError)
    -> String
  {
    let start = place
    let quote = characters[place - 1]
    var text = ""
    while place < characters.count {
      let character = characters[place]
      place += 1
      if character == quote { return text }
      if character == "\\", place < characters.count,
        characters[place] == quote || characters[place] == "\\"
      {
        text.append(characters[place])
        place += 1
      } else {
        text.append(character)
      }
    }
    throw FilterError(column: start, message: "the quotes that open here must close")
  }

  private static func comparison(_ characters: [Character], _ place: inout Int) throws(FilterError)
    -> Comparison
  {
    let start = place - 1
    while place < characters.count, "<>=!~".contains(characters[place]) { place += 1 }
    let text = String(characters[start..<place])
    guard let comparison = Comparison(rawValue: text) else {
      throw FilterError(
        column: start + 1,
        message:
          "expected one of \(list(Comparison.allCases)), and not \"\(Wording.shortened(text))\"")
    }
    return comparison
  }

  /// Comparisons for an error message.
  static func list(_ comparisons: [Comparison]) -> String {
    comparisons.map(\.rawValue).joined(separator: " ")
  }
}
