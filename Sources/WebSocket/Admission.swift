/// Counts the open connections per address and enforces the limits.
struct Admission {
  private let limits: WebSocketLimits
  private var addresses: [String: Int] = [:]
  private(set) var count = 0

  init(_ limits: WebSocketLimits) {
    self.limits = limits
  }

  func hasRoom(for peer: String) -> Bool {
    count < limits.connections && addresses[peer, default: 0] < limits.connectionsPerAddress
  }

  /// - Returns: False if a limit is reached.
  mutating func enter(_ peer: String) -> Bool {
    guard hasRoom(for: peer) else { return false }
    count += 1
    addresses[peer, default: 0] += 1
    return true
  }

  mutating func leave(_ peer: String) {
    count -= 1
    let left = addresses[peer, default: 1] - 1
    addresses[peer] = left == 0 ? nil : left
  }
}
