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
}
