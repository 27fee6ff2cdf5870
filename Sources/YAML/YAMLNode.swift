/// A node of a YAML text and its position.
///
/// Scalars remain text: the reader of a node decides what is a number or a boolean. See YAML 1.1.
public struct YAMLNode: Sendable, Equatable {
  public enum Content: Sendable, Equatable {
    /// - Parameter isPlain: Whether the scalar is unquoted, so that it can also mean null.
    case scalar(String, isPlain: Bool)
    case sequence([YAMLNode])
    /// The entries in the order of the text. Keys are unique.
    case mapping([Entry])
  }

  /// A key and its value in a mapping.
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

  /// Whether the node is null: empty, or an unquoted `~` or `null`.
  public var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }
}

/// A position in a text: line and column in characters, both starting at 1.
public struct YAMLMark: Sendable, Equatable, CustomStringConvertible {
  public var line: Int
  public var column: Int

  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  public var description: String { "\(line):\(column)" }
}
