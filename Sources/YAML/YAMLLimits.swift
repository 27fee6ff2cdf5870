/// How much of a text is read before it is refused.
///
/// A few lines of aliases can stand for billions of nodes, and a few thousand brackets for as many levels.
public struct YAMLLimits: Sendable {
  public var bytes: Int
  /// Levels of mappings and sequences in each other.
  public var depth: Int
  /// Nodes in all, those that an alias stands for included.
  public var nodes: Int

  public init(bytes: Int = 256 << 10, depth: Int = 32, nodes: Int = 20_000) {
    self.bytes = bytes
    self.depth = depth
    self.nodes = nodes
  }
}
