/// Builds a tree from libyaml's events.
struct TreeBuilder {
  /// A complete node with an anchor, and the cost of repeating it.
  private struct Anchored {
    var node: YAMLNode
    var nodes: Int
    var height: Int
  }

  private let events: EventStream
  private let limits: YAMLLimits
  private var anchors: [String: Anchored] = [:]
  private var nodes = 0

  init(_ events: EventStream, limits: YAMLLimits) {
    self.events = events
    self.limits = limits
  }

  /// The only document of the text, or `nil` if the text contains only comments.
  mutating func document() throws(YAMLError) -> YAMLNode? {
    _ = try events.next()
    guard try events.next().kind == .documentStart else { return nil }
    let root = try node(try events.next(), depth: 0).node
    _ = try events.next()
    let rest = try events.next()
    guard rest.kind == .streamEnd else {
      throw YAMLError(rest.mark, "a second document starts here, but only one is allowed")
    }
    return root
  }

  private mutating func node(_ event: EventStream.Event, depth: Int) throws(YAMLError) -> Anchored {
    guard !event.hasTag else { throw YAMLError(event.mark, "tags are not supported") }
    if case .alias(let name) = event.kind { return try repeated(name, event.mark, depth) }
    try grow(by: 1, depth: depth, at: event.mark)
    let before = nodes
    let content: YAMLNode.Content
    var height = 0
    switch event.kind {
    case .sequenceStart: content = .sequence(try elements(depth + 1, &height))
    case .mappingStart: content = .mapping(try entries(depth + 1, &height))
    case .scalar(let text, let isPlain): content = .scalar(text, isPlain: isPlain)
    default: preconditionFailure("libyaml gave an event where a node must be")
    }
    let made = Anchored(
      node: YAMLNode(content, at: event.mark), nodes: 1 + nodes - before, height: height)
    if let anchor = event.anchor { anchors[anchor] = made }
    return made
  }

  /// The node that an alias refers to.
  ///
  /// It must be complete, since a node that contains itself would be infinite.
  private mutating func repeated(
    _ name: String, _ mark: YAMLMark, _ depth: Int
  ) throws(YAMLError) -> Anchored {
    guard let anchored = anchors[name] else {
      throw YAMLError(mark, "the alias \"*\(name)\" has no node before it")
    }
    try grow(by: anchored.nodes, depth: depth + anchored.height, at: mark)
    return anchored
  }

  private mutating func elements(
    _ depth: Int, _ height: inout Int
  ) throws(YAMLError) -> [YAMLNode] {
    var elements: [YAMLNode] = []
    while true {
      let event = try events.next()
      if event.kind == .end { return elements }
      let element = try node(event, depth: depth)
      height = max(height, element.height + 1)
      elements.append(element.node)
    }
  }

  private mutating func entries(
    _ depth: Int, _ height: inout Int
  ) throws(YAMLError) -> [YAMLNode.Entry] {
    var entries: [YAMLNode.Entry] = []
    var places: [String: YAMLMark] = [:]
    while true {
      let event = try events.next()
      if event.kind == .end { return entries }
      guard case .scalar(let key, _) = try node(event, depth: depth).node.content else {
        throw YAMLError(event.mark, "a key must be plain text")
      }
      if let first = places[key] {
        throw YAMLError(event.mark, "the key \"\(key)\" is already at \(first)")
      }
      places[key] = event.mark
      let value = try node(try events.next(), depth: depth)
      height = max(height, value.height + 1)
      entries.append(YAMLNode.Entry(key: key, keyMark: event.mark, value: value.node))
    }
  }

  private mutating func grow(by count: Int, depth: Int, at mark: YAMLMark) throws(YAMLError) {
    nodes += count
    guard nodes <= limits.nodes else {
      throw YAMLError(mark, "more than \(limits.nodes) values are too many")
    }
    guard depth <= limits.depth else {
      throw YAMLError(mark, "more than \(limits.depth) levels are too deep")
    }
  }
}

extension YAMLNode {
  /// Parses a text in UTF-8 or UTF-16.
  ///
  /// - Returns: `nil` if the text contains only comments.
  /// - Throws: A ``YAMLError`` for invalid YAML, for unsupported features (tags, keys that are not text, a second
  ///   document), and beyond the limits.
  public static func parse(
    _ bytes: [UInt8], limits: YAMLLimits = YAMLLimits()
  ) throws(YAMLError) -> YAMLNode? {
    guard bytes.count <= limits.bytes else {
      throw YAMLError(YAMLMark(line: 1, column: 1), "more than \(limits.bytes) bytes are too many")
    }
    var builder = TreeBuilder(EventStream(bytes), limits: limits)
    return try builder.document()
  }
}
