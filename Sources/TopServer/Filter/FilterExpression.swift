/// A filter as a tree, whose names and values are known to fit.
indirect enum FilterExpression: Sendable, Hashable {
  /// A field of numbers, and a value in its unit.
  case number(field: Int, Relation, Double)
  case text(field: Int, String)
  case pattern(field: Int, String)
  case truth(field: Int)
  /// A part of the name or the program, in small letters.
  case word(String)
  case not(FilterExpression)
  case all([FilterExpression])
  case any([FilterExpression])

  /// How numbers are compared; all others are negations of these.
  enum Relation: Sendable, Hashable {
    case less, equal, greater
  }

  /// Whether it compares a field that satisfies a condition; a word alone names none.
  func names(where condition: (Int) -> Bool) -> Bool {
    switch self {
    case .number(let field, _, _), .text(let field, _), .pattern(let field, _), .truth(let field):
      condition(field)
    case .word: false
    case .not(let inner): inner.names(where: condition)
    case .all(let parts), .any(let parts): parts.contains { $0.names(where: condition) }
    }
  }
}
