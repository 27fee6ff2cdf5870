/// A waiting line in which clients take turns, so a client that asks for much delays itself.
///
/// A client that asks a hundred things waits for the hundred; any other waits for one of them.
struct FairQueue<Client: Hashable & Sendable, Item: Sendable>: Sendable {
  /// Items that may wait.
  struct Limits: Sendable, Equatable {
    var total: Int
    var perClient: Int
  }

  enum Admission: Sendable, Equatable {
    case waits
    /// This client has as many items that wait as one may have.
    case clientIsFull
    case isFull
  }

  private let limits: Limits
  private var lanes: [Client: [Item]] = [:]
  /// Clients with something that waits; the first has the next turn.
  private var turns: [Client] = []
  /// Items that wait.
  private(set) var count = 0

  init(limits: Limits) { self.limits = limits }

  /// Adds an item, unless too many wait.
  mutating func add(_ item: Item, for client: Client) -> Admission {
    let waiting = lanes[client]?.count ?? 0
    guard waiting < limits.perClient else { return .clientIsFull }
    guard count < limits.total else { return .isFull }
    if waiting == 0 { turns.append(client) }
    lanes[client, default: []].append(item)
    count += 1
    return .waits
  }

  /// The item whose turn it is.
  mutating func next() -> Item? {
    guard !turns.isEmpty else { return nil }
    let client = turns.removeFirst()
    guard let item = lanes[client]?.removeFirst() else { return nil }
    count -= 1
    if lanes[client]?.isEmpty ?? true {
      lanes[client] = nil
    } else {
      turns.append(client)
    }
    return item
  }
}

extension FairQueue where Item: Equatable {
  /// Takes an item back that waits.
  ///
  /// - Returns: Whether it waited.
  mutating func remove(_ item: Item, of client: Client) -> Bool {
    guard let place = lanes[client]?.firstIndex(of: item) else { return false }
    lanes[client]?.remove(at: place)
    count -= 1
    if lanes[client]?.isEmpty == true {
      lanes[client] = nil
      turns.removeAll { $0 == client }
    }
    return true
  }
}
