import YAML

/// A mapping in the file with a known set of keys.
struct NodeSettings {
  let mark: YAMLMark
  private let entries: [YAMLNode.Entry]

  /// - Parameter subject: Names the mapping in errors.
  /// - Throws: A ``YAMLError`` when the node is not a mapping or has an unknown key.
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

  /// The value of a key, or `nil` when it is absent.
  subscript(key: String) -> YAMLNode? { entries.first { $0.key == key }?.value }

  func required(_ key: String, _ subject: String) throws(YAMLError) -> YAMLNode {
    guard let value = self[key] else { throw YAMLError(mark, "\(subject) needs \"\(key)\"") }
    return value
  }
}
