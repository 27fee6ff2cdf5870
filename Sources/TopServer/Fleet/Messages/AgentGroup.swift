import Jansson

/// A measure of a message, or an object of several.
struct AgentGroup: Sendable {
  struct Member: Sendable {
    let name: String
    let measure: MeasureDescription
    let use: AgentUse
  }

  /// The name of the object; `nil` for a single measure.
  let name: String?
  let rule: AgentRule
  private(set) var members: [Member]

  /// The measures of a message, in its order.
  static let all: [AgentGroup] = {
    var groups: [AgentGroup] = []
    for (measure, use) in Measures.ofOtherHosts where use.isSent {
      let words = (use.key ?? measure.path).split(separator: ".", maxSplits: 1).map { String($0) }
      let member = Member(name: words[words.count - 1], measure: measure, use: use)
      if words.count > 1, groups.last?.name == words[0] {
        groups[groups.count - 1].members.append(member)
      } else {
        groups.append(
          AgentGroup(
            name: words.count > 1 ? words[0] : nil, rule: measure.rule, members: [member]))
      }
    }
    return groups
  }()

  /// The object with this name.
  static func named(_ name: String) -> AgentGroup? { all.first { $0.name == name } }

  // MARK: - Writing

  func member(of numbers: AgentNumbers) -> JSONValue.Member {
    .init(name ?? members[0].name, value(of: numbers))
  }

  /// A number or an object; `null` if nothing is known.
  func value(of numbers: AgentNumbers) -> JSONValue {
    guard name != nil else { return JSONValue(numbers[members[0].use.place], members[0].measure) }
    return JSONValue(members(of: numbers)) { .object($0) }
  }

  /// - Returns: `nil` if nothing is known.
  func members(of numbers: AgentNumbers) -> [JSONValue.Member]? {
    guard members.contains(where: { numbers[$0.use.place] != nil }) else { return nil }
    return members.map { .init($0.name, JSONValue(numbers[$0.use.place], $0.measure)) }
  }

  // MARK: - Reading

  /// Reads the numbers of a host from a message.
  func read(_ fields: MessageFields, into numbers: inout AgentNumbers) {
    guard let name else {
      numbers[members[0].use.place] = fields.value(of: members[0])
      return
    }
    guard let fields = fields.object(name) else { return }
    let taken = members.filter(\.use.isTaken)
    var values: [Double?] = []
    for member in taken {
      let value = fields.value(of: member)
      if value == nil && rule == .all { return }
      values.append(value)
    }
    if rule == .whole {
      guard let whole = Self.whole(values.map { $0 ?? 0 }, fields.odd) else { return }
      values = whole
    }
    for (member, value) in zip(taken, values) { numbers[member.use.place] = value }
  }

  /// Scales the parts of a whole so that their sum is 1.
  ///
  /// - Returns: `nil` if their sum is too far from 1.
  private static func whole(_ parts: [Double], _ odd: MessageFields.Odd) -> [Double]? {
    let total = parts.reduce(0, +)
    // The agent rounded each part, and counters that jump change the sum a little.
    guard (0.9...1.1).contains(total) else {
      odd.count += 1
      return nil
    }
    if (0.99...1.01).contains(total) { return parts }
    odd.count += 1
    return parts.map { $0 * (1 / total) }
  }
}

extension MessageFields {
  /// The number, with shares as fractions; `nil` if the message has no valid one.
  fileprivate func value(of member: AgentGroup.Member) -> Double? {
    let (use, unit) = (member.use, member.measure.unit)
    let shown =
      use.isMoved ? bounded(member.name, in: use.range) : possible(member.name, in: use.range)
    return shown.map { unit.isWhole ? $0.rounded(.towardZero) : unit.inside($0) }
  }
}
