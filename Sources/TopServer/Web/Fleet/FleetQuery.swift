import Linux
import MicroHTTPD

/// A query for `/hosts`: which hosts, and in which order.
struct FleetQuery: Sendable, Hashable {
  enum SortKey: String, Sendable, CaseIterable {
    case cpu, average, name, age
  }

  var sort = SortKey.cpu
  /// `nil` is the default order of the key.
  var descending: Bool?
  var limit: Int?
  /// Keeps hosts that are at least this busy, in percent; hosts that are not live are always kept.
  var minimumCPU: Double?
  /// Keeps the hosts with these names; an empty set keeps all.
  var names: Set<String> = []
  /// The members of each host in the answer; `nil` is all.
  var fields: [FleetField]?

  /// The parameters of `/hosts`.
  static let parameters = QueryParameters([
    QueryParameter(
      "fields", "The members that each host has in the answer.",
      QueryValues(
        kind: .words(fieldNames),
        words: "all, or each of these once, separated by commas: "
          + fieldNames.joined(separator: ", ")), absent: "all"),
    QueryParameter(
      "min_cpu",
      "Keeps the hosts with at least this CPU use; those that are not live are always kept.",
      .percentage, absent: "0"),
    QueryParameter(
      "sort", "The sort key: CPU use now, its average, the name or the age of the sample.",
      .choice(of: SortKey.self), absent: SortKey.cpu.rawValue),
    QueryParameter(
      "order", "Ascending or descending; by default, names ascend and all else descends.",
      .choice(of: SortOrder.self)),
    QueryParameter("limit", "The maximum number of hosts to return.", .count),
    QueryParameter(
      "host", "Keeps the host of this name; may be given several times.", .text("a name"),
      repetition: .allCount),
  ])

  private static let fieldNames = FleetField.allCases.map(\.rawValue)

  /// - Throws: A ``Problem`` that names the parameter and what it accepts.
  init(_ items: [RequestTarget.QueryItem] = []) throws(Problem) {
    var reader = QueryReader<Problem>(items, of: Self.parameters)
    while let value = try reader.next() {
      switch value.name {
      case "fields": fields = try Self.fields(value)
      case "min_cpu":
        let least = try value.percentage()
        minimumCPU = least == 0 ? nil : least
      case "sort": sort = try value.choice(SortKey.self)
      case "order": descending = try value.choice(SortOrder.self) == .descending
      case "limit": limit = try value.count()
      case "host": names.insert(value.text)
      default: break
      }
    }
  }

  /// The work of an answer, see ``AnswerMaker/work(for:_:)``.
  ///
  /// The last minute of a host has sixty values.
  func work(for scene: FleetScene) -> Int {
    let hosts = scene.hosts.count
    let written = min(limit ?? hosts, names.isEmpty ? hosts : names.count, hosts)
    guard let fields else {
      // Every host is encoded once, and answers copy the text.
      return hosts * (FleetField.allCases.count + 60)
    }
    return hosts + written * (fields.count + (fields.contains(.recent) ? 60 : 0))
  }

  private static func fields(_ value: QueryValue<Problem>) throws(Problem) -> [FleetField]? {
    if value.text == "all" { return nil }
    let names = value.list()
    let fields = names.compactMap { FleetField(rawValue: $0) }
    guard fields.count == names.count, Set(fields).count == fields.count else {
      throw value.bad()
    }
    return fields
  }

  /// The indices of the selected hosts, in the order of the query, and their number before the limit.
  func select(from scene: FleetScene) -> (places: [Int], matched: Int) {
    let hosts = scene.hosts
    var places = Array(hosts.indices)
    if !names.isEmpty { places.removeAll { !names.contains(hosts[$0].name) } }
    if let minimumCPU {
      places.removeAll { hosts[$0].state == .live && (hosts[$0].busyNow ?? 0) * 100 < minimumCPU }
    }
    let now = scene.time.sinceBoot
    let sorted =
      switch sort {
      case .cpu: self.sorted(places, hosts, descendingByNature: true) { $0.busyNow }
      case .average:
        self.sorted(places, hosts, descendingByNature: true) { $0.recent.average(at: now) }
      case .age: self.sorted(places, hosts, descendingByNature: true) { $0.age(at: now) }
      case .name: self.sorted(places, hosts, descendingByNature: false) { $0.name }
      }
    return (limit.map { Array(sorted.prefix($0)) } ?? sorted, sorted.count)
  }

  /// Sorts hosts; those without a value come last in either order, and ties are broken by name.
  private func sorted<Key: Comparable>(
    _ places: [Int], _ hosts: [FleetHost], descendingByNature natural: Bool,
    _ key: (FleetHost) -> Key?
  ) -> [Int] {
    let descending = descending ?? natural
    var keyed: [(key: Key, place: Int)] = []
    keyed.reserveCapacity(places.count)
    var without: [Int] = []
    for place in places {
      if let key = key(hosts[place]) { keyed.append((key, place)) } else { without.append(place) }
    }
    keyed.sort { left, right in
      if left.key != right.key { return descending ? left.key > right.key : left.key < right.key }
      return hosts[left.place].name < hosts[right.place].name
    }
    without.sort { hosts[$0].name < hosts[$1].name }
    return keyed.map(\.place) + without
  }
}
