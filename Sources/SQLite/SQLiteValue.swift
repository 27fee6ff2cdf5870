/// A value that is bound to a parameter of a statement.
///
/// See https://www.sqlite.org/datatype3.html.
public enum SQLiteValue: Sendable, Equatable {
  case null
  case integer(Int64)
  /// A value that is not a number becomes NULL, which is SQLite's own rule.
  case real(Double)
  /// May hold NUL; SQL functions such as `length` count up to it only.
  case text(String)
  case blob([UInt8])
}
