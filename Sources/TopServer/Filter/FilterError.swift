/// A mistake in the text of a filter, or an expression in it that needs too much work.
struct FilterError: Error, Equatable, CustomStringConvertible {
  /// The place of the mistake in characters, from 1.
  let column: Int
  /// What was expected.
  let message: String

  var description: String { "column \(column): \(message)" }
}
