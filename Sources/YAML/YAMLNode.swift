/// A part of a YAML text, and where it stands there.
///
/// See YAML 1.1. Scalars stay text: what a number or a truth value is, the reader of the node decides.
public struct YAMLNode: Sendable, Equatable {
  public enum Content: Sendable, Equatable {
    /// - Parameter isPlain: Whether it stands there without quotes, so that it can also mean "nothing".
    case scalar(String, isPlain: Bool)
    case sequence([YAMLNode])
    /// In the order of the text; no key comes twice.
    case mapping([Entry])
  }

  /// A key of a mapping and its value.
  public struct Entry: Sendable, Equatable {
    public var key: String
    public var keyMark: YAMLMark
    public var value: YAMLNode

    public init(key: String, keyMark: YAMLMark, value: YAMLNode) {
      self.key = key
      self.keyMark = keyMark
      self.value = value
    }
  }

  public var content: Content
  public var mark: YAMLMark

  public init(_ content: Content, at mark: YAMLMark) {
    self.content = content
    self.mark = mark
  }

  /// Whether nothing stands there: no text, `~` or `null` without quotes.
  public var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }
}

/// A place in a text: line and column, both counted from 1, the column in characters.
public struct YAMLMark: Sendable, Equatable, CustomStringConvertible {
  public var line: Int
  public var column: Int

  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  public var description: String { "\(line):\(column)" }
}
