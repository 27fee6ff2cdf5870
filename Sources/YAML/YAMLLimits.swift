/// The limits for parsing.
///
/// A few lines of aliases can expand to billions of nodes, and a few thousand brackets to as many levels.
public struct YAMLLimits: Sendable {
  public var bytes: Int
  /// The maximum number of nested levels of mappings and sequences.
  public var depth: Int
  /// The maximum number of nodes, including those repeated by aliases.
  public var nodes: Int

  public init(bytes: Int = 256 << 10, depth: Int = 32, nodes: Int = 20_000) {
    self.bytes = bytes
    self.depth = depth
    self.nodes = nodes
  }
}
