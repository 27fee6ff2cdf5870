/// The reason why a text is invalid or unsupported YAML, and its position.
public struct YAMLError: Error, Sendable, Equatable, CustomStringConvertible {
  public var mark: YAMLMark
  public var reason: String

  public init(_ mark: YAMLMark, _ reason: String) {
    self.mark = mark
    self.reason = reason
  }

  public var description: String { "\(mark): \(reason)" }
}
