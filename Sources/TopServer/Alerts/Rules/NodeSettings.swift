import YAML

/// A mapping of a file whose keys are known.
struct NodeSettings {
  let mark: YAMLMark
  private let entries: [YAMLNode.Entry]

  /// - Parameter subject: What the mapping is, for errors.
  /// - Throws: where the node is no mapping or has a key that is not accepted.
  init(_ node: YAMLNode, _ subject: String, accepts keys: [String]) throws(YAMLError) {
    guard case .mapping(let entries) = node.content else {
      throw YAMLError(
        node.mark, "\(subject) is \(node.kind): it accepts \(keys.joined(separator: ", "))")
    }
    for entry in entries where !keys.contains(entry.key) {
      throw YAMLError(
        entry.keyMark,
        "\"\(entry.key)\" is unknown: \(subject) accepts \(keys.joined(separator: ", "))")
    }
    self.mark = node.mark
    self.entries = entries
  }

  /// The value of a key, or `nil` when it is not there.
  subscript(key: String) -> YAMLNode? { entries.first { $0.key == key }?.value }

  func required(_ key: String, _ subject: String) throws(YAMLError) -> YAMLNode {
    guard let value = self[key] else { throw YAMLError(mark, "\(subject) needs \"\(key)\"") }
    return value
  }
}
