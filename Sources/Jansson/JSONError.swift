/// The reason why a text is not valid JSON, and its position.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The line, starting at 1.
  public var line: Int
  /// The number of characters read in the line.
  public var column: Int
  public var reason: String

  public init(line: Int, column: Int, reason: String) {
    self.line = line
    self.column = column
    self.reason = reason
  }

  public var description: String { "\(line):\(column): \(reason)" }
}
