import PCRE2

/// A filter of rows, such as `cpu > 5 and (user = postgres or unit ~ "^app-") and not kernel`.
///
/// It is read once (``FilterParser``), and is then a list of tests, each of which says which one is next: no test of a
/// row recurses or allocates. Two filters with the same meaning are equal if they differ only in spaces, quotes, the
/// names of fields and the spelling of numbers. docs/filter.md has the language.
struct Filter: Sendable {
  static let mostCharacters = 512
  static let mostComparisons = 32
  /// Parentheses and `not`.
  static let deepestNesting = 16
  /// The maximum memory of the compiled regular expressions of a filter together.
  ///
  /// The server keeps the filters of some hundred queries.
  static let mostPatternBytes = 64 << 10
  /// What the regular expressions of one run may take; see ``PatternSearch``.
  ///
  /// A table of 10,000 processes and an ordinary expression take a hundredth of it. The whole takes about a tenth of a
  /// second.
  static let mostSteps = 10_000_000

  let text: String
  let expression: FilterExpression
  private let steps: [Step]
  private let patterns: [PlacedPattern]
  private let searched: [Int]

  private struct PlacedPattern: Sendable {
    var pattern: Pattern
    var column: Int
  }

  private struct Step: Sendable {
    var test: Test
    /// The next step, or ``accept`` or ``reject``.
    var ifTrue: Int
    var ifFalse: Int
  }

  private enum Test: Sendable {
    case number(field: Int, FilterExpression.Relation, Double)
    case text(field: Int, String)
    case pattern(field: Int, Int)
    case truth(field: Int)
    case word([UInt8])
  }

  private static let accept = -1
  private static let reject = -2

  /// Reads the text of a filter.
  init(_ text: String, fields: FilterFields) throws(FilterError) {
    var parser = try FilterParser(text, fields)
    let expression = try parser.parse()
    self.text = text
    self.expression = expression
    patterns = parser.patterns.map { PlacedPattern(pattern: $0.pattern, column: $0.column) }
    searched = fields.searched
    var assembly = Assembly()
    assembly.add(expression, ifTrue: Self.accept, ifFalse: Self.reject)
    steps = assembly.steps
  }

  /// The maximum work of a run on a number of rows, in comparisons.
  ///
  /// A step of a regular expression takes about a 25th of the time that a value of an answer takes.
  func mostWork(rows: Int) -> Int {
    rows * steps.count + (patterns.isEmpty ? 0 : Self.mostSteps / 25)
  }

  /// The letters A to Z become small; others are compared as they are.
  static func folded(_ text: String) -> String {
    String(decoding: text.utf8.map(folded), as: UTF8.self)
  }

  private static func folded(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

  /// Turns a tree into steps in the order of the text.
  private struct Assembly {
    private(set) var steps: [Step] = []
    var patterns = 0

    mutating func add(_ expression: FilterExpression, ifTrue: Int, ifFalse: Int) {
      switch expression {
      case .not(let inner): add(inner, ifTrue: ifFalse, ifFalse: ifTrue)
      case .all(let parts): chain(parts, ifTrue: ifTrue, ifFalse: ifFalse, isAll: true)
      case .any(let parts): chain(parts, ifTrue: ifTrue, ifFalse: ifFalse, isAll: false)
      case .number(let field, let relation, let value):
        append(.number(field: field, relation, value), ifTrue, ifFalse)
      case .text(let field, let text): append(.text(field: field, text), ifTrue, ifFalse)
      case .pattern(let field, _):
        append(.pattern(field: field, patterns), ifTrue, ifFalse)
        patterns += 1
      case .truth(let field): append(.truth(field: field), ifTrue, ifFalse)
      case .word(let word): append(.word(Array(word.utf8)), ifTrue, ifFalse)
      }
    }

    private mutating func append(_ test: Test, _ ifTrue: Int, _ ifFalse: Int) {
      steps.append(Step(test: test, ifTrue: ifTrue, ifFalse: ifFalse))
    }

    /// Each part goes on to the next one until the answer is known.
    private mutating func chain(
      _ parts: [FilterExpression], ifTrue: Int, ifFalse: Int, isAll: Bool
    ) {
      for part in parts.dropLast() {
        let next = steps.count + Self.size(part)
        add(part, ifTrue: isAll ? next : ifTrue, ifFalse: isAll ? ifFalse : next)
      }
      if let last = parts.last { add(last, ifTrue: ifTrue, ifFalse: ifFalse) }
    }

    /// The number of steps of an expression.
    private static func size(_ expression: FilterExpression) -> Int {
      switch expression {
      case .not(let inner): size(inner)
      case .all(let parts), .any(let parts): parts.reduce(0) { $0 + size($1) }
      default: 1
      }
    }
  }
}

extension Filter: Hashable {
  static func == (left: Filter, right: Filter) -> Bool { left.expression == right.expression }

  func hash(into hasher: inout Hasher) { hasher.combine(expression) }
}

// MARK: - Deciding about rows

extension Filter {
  /// What the rows of one answer share: the memory and the work of their regular expressions.
  ///
  /// One thread uses it at a time.
  final class Run {
    fileprivate let search: PatternSearch?

    fileprivate init(_ filter: Filter, steps: Int) {
      search = filter.patterns.isEmpty ? nil : PatternSearch(steps: steps)
    }
  }

  /// - Parameter steps: The limit of a run, which a test can lower.
  func run(steps: Int = mostSteps) -> Run { Run(self, steps: steps) }

  /// Whether a row passes.
  ///
  /// - Parameters:
  ///   - run: A run of this filter.
  ///   - value: The value of a field, by its place in the ``FilterFields``.
  /// - Throws: When the regular expressions need too much work.
  func accepts(in run: Run, _ value: (Int) -> FilterValue) throws(FilterError) -> Bool {
    var place = 0
    while place >= 0 {
      let isTrue = try isTrue(steps[place].test, run, value)
      place = isTrue ? steps[place].ifTrue : steps[place].ifFalse
    }
    return place == Self.accept
  }

  private func isTrue(
    _ test: Test, _ run: Run, _ value: (Int) -> FilterValue
  ) throws(FilterError) -> Bool {
    switch test {
    case .number(let field, let relation, let number):
      guard case .number(let found?) = value(field) else { return false }
      return switch relation {
      case .less: found < number
      case .equal: found == number
      case .greater: found > number
      }
    case .truth(let field):
      if case .truth(true) = value(field) { return true }
      return false
    case .text(let field, let text):
      guard case .text(let found) = value(field) else { return false }
      return (found ?? "") == text
    case .pattern(let field, let index):
      guard case .text(let found) = value(field) else { return false }
      return try search(found ?? "", patterns[index], run)
    case .word(let word):
      for field in searched {
        if case .text(let found?) = value(field), Self.contains(found, word) { return true }
      }
      return false
    }
  }

  private func search(
    _ text: String, _ placed: PlacedPattern, _ run: Run
  ) throws(FilterError) -> Bool {
    do {
      return try run.search?.finds(placed.pattern, in: text) ?? false
    } catch {
      throw FilterError(
        column: placed.column,
        message: error == .tooManySteps
          ? "expected an expression with less work: all expressions together may take "
            + "\(Wording.count(Filter.mostSteps)) steps; avoid repetitions within repetitions and a leading .*"
          : "expected an expression with less memory: it backtracks too deeply")
    }
  }

  /// Whether the text has the word in it, which is in small letters.
  private static func contains(_ text: String, _ word: [UInt8]) -> Bool {
    let bytes = text.utf8.span
    guard let first = word.first, bytes.count >= word.count else { return false }
    for start in 0...(bytes.count - word.count) where folded(bytes[start]) == first {
      var length = 1
      while length < word.count, folded(bytes[start + length]) == word[length] { length += 1 }
      if length == word.count { return true }
    }
    return false
  }
}
