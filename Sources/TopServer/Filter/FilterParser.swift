import PCRE2

/// Reads the text of a filter.
///
/// `or` binds least, then `and`, then `not`. Each part is checked against the field that it names.
struct FilterParser {
  private let fields: FilterFields
  private let tokens: [FilterToken]
  private var place = 0
  private var comparisons = 0
  private var depth = 0
  private var patternBytes = 0
  /// The compiled regular expressions in the order of the text, and where they stand.
  private(set) var patterns: [(pattern: Pattern, column: Int)] = []

  init(_ text: String, _ fields: FilterFields) throws(FilterError) {
    guard text.utf8.count <= 4 * Filter.mostCharacters, text.count <= Filter.mostCharacters else {
      throw FilterError(
        column: Filter.mostCharacters + 1,
        message: "a filter has at most \(Filter.mostCharacters) characters")
    }
    self.fields = fields
    tokens = try FilterToken.all(in: text)
  }

  private var token: FilterToken { tokens[place] }

  mutating func parse() throws(FilterError) -> FilterExpression {
    let expression = try alternatives()
    guard token.kind == .end else {
      throw error("expected \"and\", \"or\" or the end, and not \(token.shown)")
    }
    return expression
  }

  private func error(_ message: String, at token: FilterToken? = nil) -> FilterError {
    FilterError(column: (token ?? self.token).column, message: message)
  }

  // MARK: - The structure

  private mutating func alternatives() throws(FilterError) -> FilterExpression {
    var parts = [try conjunction()]
    while token.isWord("or") {
      place += 1
      parts.append(try conjunction())
    }
    return parts.count == 1 ? parts[0] : .any(parts)
  }

  private mutating func conjunction() throws(FilterError) -> FilterExpression {
    var parts = [try negation()]
    while token.isWord("and") {
      place += 1
      parts.append(try negation())
    }
    return parts.count == 1 ? parts[0] : .all(parts)
  }

  private mutating func negation() throws(FilterError) -> FilterExpression {
    if token.isWord("not") {
      try enter()
      defer { depth -= 1 }
      return .not(try negation())
    }
    guard token.kind == .open else { return try comparison() }
    let open = token
    try enter()
    defer { depth -= 1 }
    let inner = try alternatives()
    guard token.kind == .close else {
      throw error(
        "expected \"and\", \"or\" or the \")\" for column \(open.column), and not \(token.shown)")
    }
    place += 1
    return inner
  }

  /// Goes into `not` or parentheses.
  private mutating func enter() throws(FilterError) {
    guard depth < Filter.deepestNesting else {
      throw error("a filter nests \"not\" and parentheses at most \(Filter.deepestNesting) deep")
    }
    depth += 1
    place += 1
  }

  // MARK: - Comparisons

  private mutating func comparison() throws(FilterError) -> FilterExpression {
    let subject = token
    let text: String
    switch subject.kind {
    case .word(let word) where !["and", "or"].contains(word.lowercased()): text = word
    case .quoted(let quoted): text = quoted
    default:
      throw error("expected a comparison such as cpu > 5, or a word, and not \(subject.shown)")
    }
    comparisons += 1
    guard comparisons <= Filter.mostComparisons else {
      throw error("a filter has at most \(Filter.mostComparisons) comparisons and words")
    }
    place += 1
    guard case .comparison(let comparison) = token.kind else {
      return try alone(text, subject)
    }
    guard subject.kind == .word(text), let field = fields.place(of: text) else {
      throw error(
        "\(subject.shown) is no field; the fields are \(fields.all.map(\.name).joined(separator: ", "))",
        at: subject)
    }
    let sign = token
    place += 1
    let value = token
    switch value.kind {
    case .word, .quoted: break
    default: throw error("expected a value after \(sign.shown), and not \(value.shown)")
    }
    place += 1
    return try checked(field, comparison, sign, value)
  }

  /// A word without a comparison.
  private func alone(_ text: String, _ subject: FilterToken) throws(FilterError) -> FilterExpression
  {
    if subject.kind == .word(text), let field = fields.place(of: text) {
      if fields.all[field].kind == .truth { return .truth(field: field) }
      throw error(
        "expected a comparison after the field \(text); put quotes around it to search for the word"
      )
    }
    guard !text.isEmpty else { throw error("expected text between the quotes", at: subject) }
    guard !fields.searched.isEmpty else {
      throw error("expected a field; a word alone has no meaning here", at: subject)
    }
    return .word(Filter.folded(text))
  }

  private mutating func checked(
    _ place: Int, _ comparison: FilterToken.Comparison, _ sign: FilterToken, _ value: FilterToken
  ) throws(FilterError) -> FilterExpression {
    let field = fields.all[place]
    let text: String
    switch value.kind {
    case .word(let word), .quoted(let word): text = word
    default: text = ""
    }
    switch field.kind {
    case .number(let unit):
      guard comparison != .matches else {
        throw error("\(field.name) is a number; expected one of < <= = != >= >", at: sign)
      }
      guard let number = FilterNumber.parse(text, unit) else {
        throw error(
          "expected \(FilterNumber.expected(unit)) for \(field.name), and not \(value.shown)",
          at: value)
      }
      return Self.number(place, comparison, number)
    case .text:
      switch comparison {
      case .equal, .unequal:
        guard field.choices.isEmpty || field.choices.contains(text) else {
          throw error(
            "expected one of \(field.choices.joined(separator: ", ")) for \(field.name), and not \(value.shown)",
            at: value)
        }
        let test = FilterExpression.text(field: place, text)
        return comparison == .equal ? test : .not(test)
      case .matches:
        try compile(text, value)
        return .pattern(field: place, text)
      default: throw error("\(field.name) is text; expected one of = != ~", at: sign)
      }
    case .truth:
      guard comparison == .equal || comparison == .unequal else {
        throw error("\(field.name) is true or false; expected = or !=", at: sign)
      }
      guard let truth = ["true": true, "yes": true, "false": false, "no": false][text.lowercased()]
      else {
        throw error("expected true or false for \(field.name), and not \(value.shown)", at: value)
      }
      let test = FilterExpression.truth(field: place)
      return truth == (comparison == .equal) ? test : .not(test)
    }
  }

  private static func number(
    _ field: Int, _ comparison: FilterToken.Comparison, _ number: Double
  ) -> FilterExpression {
    switch comparison {
    case .less: .number(field: field, .less, number)
    case .greater: .number(field: field, .greater, number)
    case .equal, .matches: .number(field: field, .equal, number)
    case .unequal: .not(.number(field: field, .equal, number))
    // The negation would be true for unknown values.
    case .lessOrEqual:
      .any([.number(field: field, .less, number), .number(field: field, .equal, number)])
    case .greaterOrEqual:
      .any([.number(field: field, .greater, number), .number(field: field, .equal, number)])
    }
  }

  private mutating func compile(_ text: String, _ value: FilterToken) throws(FilterError) {
    let pattern: Pattern
    do {
      pattern = try Pattern(text)
    } catch {
      // A place within the value, unless it has escapes.
      let inside = if case .quoted = value.kind { 1 } else { 0 }
      throw FilterError(
        column: value.column + inside + error.place,
        message: "expected a regular expression: \(error.message)")
    }
    patterns.append((pattern, value.column))
    patternBytes += pattern.size
    guard patternBytes <= Filter.mostPatternBytes else {
      throw error(
        "expected shorter regular expressions: compiled, those of a filter have at most "
          + "\(Filter.mostPatternBytes >> 10) KiB", at: value)
    }
  }
}
