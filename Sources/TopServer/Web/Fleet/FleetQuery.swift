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

  /// - Throws: a ``Problem`` that names the parameter and what it accepts.
  init(_ items: [RequestTarget.QueryItem] = []) throws(Problem) {
    var seen: Set<String> = []
    for item in items {
      guard seen.insert(item.name).inserted || item.name == "host" else {
        throw Problem(status: 400, detail: "\(item.name) is given more than once")
      }
      switch item.name {
      case "sort":
        sort = try item.choice(
          Dictionary(uniqueKeysWithValues: SortKey.allCases.map { ($0.rawValue, $0) }))
      case "order": descending = try item.choice(["asc": false, "desc": true])
      case "limit": limit = try item.wholeNumber()
      case "min_cpu": minimumCPU = try item.percent()
      case "host": names.insert(item.value)
      case "fields": fields = try Self.fields(item)
      default:
        throw Problem(
          status: 400,
          detail:
            "\"\(item.name)\" is no parameter of this route; it accepts fields, min_cpu, sort, "
            + "order, limit and host")
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

  private static let fieldNames = FleetField.allCases.map(\.rawValue).joined(separator: ", ")

  private static func fields(_ item: RequestTarget.QueryItem) throws(Problem) -> [FleetField]? {
    if item.value == "all" { return nil }
    let names = item.value.split(separator: ",", omittingEmptySubsequences: false)
    let fields = names.compactMap { FleetField(rawValue: String($0)) }
    guard fields.count == names.count, Set(fields).count == fields.count else {
      throw item.bad(accepts: "all, or each of these once, separated by commas: \(fieldNames)")
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
