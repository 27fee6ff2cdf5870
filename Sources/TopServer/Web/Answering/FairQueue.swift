/// What waits for a turn, where each client gets one after the other, so a client that asks for much delays itself.
struct FairQueue<Client: Hashable & Sendable, Item: Sendable>: Sendable {
  private var lanes: [Client: [Item]] = [:]
  /// Clients with something that waits; the first has the next turn.
  private var turns: [Client] = []
  /// Items that wait.
  private(set) var count = 0
  private let most: Int
  private let mostPerClient: Int

  /// - Parameters:
  ///   - most: Items that may wait,
  ///   - mostPerClient: and those of one client.
  init(most: Int, mostPerClient: Int) {
    self.most = most
    self.mostPerClient = mostPerClient
  }

  /// - Returns: Whether there was room.
  mutating func add(_ item: Item, for client: Client) -> Bool {
    let waiting = lanes[client]?.count ?? 0
    guard count < most, waiting < mostPerClient else { return false }
    if waiting == 0 { turns.append(client) }
    lanes[client, default: []].append(item)
    count += 1
    return true
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
