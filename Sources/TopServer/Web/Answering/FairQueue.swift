/// A queue in which clients take turns, so that a client with many items delays only itself.
///
/// A client with a hundred items waits for all of them; any other client waits for one of them.
struct FairQueue<Client: Hashable & Sendable, Item: Sendable>: Sendable {
  /// The limits of waiting items.
  struct Limits: Sendable, Equatable {
    var total: Int
    var perClient: Int
  }

  enum Admission: Sendable, Equatable {
    case waits
    /// The client has reached its limit.
    case clientIsFull
    case isFull
  }

  private let limits: Limits
  private var lanes: [Client: [Item]] = [:]
  /// The clients with waiting items; the first has the next turn.
  private var turns: [Client] = []
  /// The number of waiting items.
  private(set) var count = 0

  init(limits: Limits) { self.limits = limits }

  /// Adds an item, unless a limit is reached.
  mutating func add(_ item: Item, for client: Client) -> Admission {
    let waiting = lanes[client]?.count ?? 0
    guard waiting < limits.perClient else { return .clientIsFull }
    guard count < limits.total else { return .isFull }
    if waiting == 0 { turns.append(client) }
    lanes[client, default: []].append(item)
    count += 1
    return .waits
  }

  /// Removes and returns the next item.
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
  /// Removes a waiting item.
  ///
  /// - Returns: `false` when the item was not waiting.
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
