/// A value for a parameter of a statement.
///
/// See https://www.sqlite.org/datatype3.html.
public enum SQLiteValue: Sendable, Equatable {
  case null
  case integer(Int64)
  /// NaN becomes NULL, which is SQLite's rule.
  case real(Double)
  /// May contain NUL, but SQL functions such as `length` stop there.
  case text(String)
  case blob([UInt8])
}
