import Linux
import Logging
import MicroHTTPD
import Synchronization
import WebSocket

/// Connects the hub to its sockets: numbers the connections, and sends what the hub answers.
final class HubSockets: Sendable {
  private let hub: Hub
  private let loop: WebSocketLoop

  /// - Throws: When the thread for the sockets cannot be started.
  init(_ hub: Hub, limits: WebSocketLimits = WebSocketLimits(), logger: Logger) throws {
    self.hub = hub
    let handler = Handler(hub, logger: logger)
    loop = try WebSocketLoop(limits: limits, handler: handler)
    handler.closeOthers(with: loop)
  }

  /// Whether one more connection from this address would be accepted.
  func hasRoom(for peer: String) -> Bool { loop.hasRoom(for: AddressKey(peer).description) }

  /// Takes over a connection after its handshake.
  func adopt(_ connection: UpgradedConnection, peer: String) {
    loop.adopt(
      socket: connection.socket, earlyBytes: connection.earlyBytes, peer: peer,
      countedAs: AddressKey(peer).description,
      release: { connection.close() })
  }

  /// Closes all connections with code 1001 and waits until they are closed.
  func drain(within limit: Duration) async {
    await loop.drain(code: 1001, reason: "the hub stops", within: limit)
  }

  var statistics: WebSocketStatistics { loop.statistics }
}

/// The callbacks of the loop, which run on its one thread.
private final class Handler: WebSocketHandler {
  private struct Numbers {
    var next: Hub.Link = 1
    var links: [WebSocketID: Hub.Link] = [:]
    var ids: [Hub.Link: WebSocketID] = [:]
    /// Weak, since the loop holds its handler.
    weak var loop: WebSocketLoop?
  }

  private let hub: Hub
  private let logger: Logger
  private let numbers = Mutex(Numbers())

  init(_ hub: Hub, logger: Logger) {
    self.hub = hub
    self.logger = logger
  }

  func closeOthers(with loop: WebSocketLoop) { numbers.withLock { $0.loop = loop } }

  func opened(_ id: WebSocketID, peer: String) {
    let link = numbers.withLock { numbers in
      let link = numbers.next
      numbers.next += 1
      (numbers.links[id], numbers.ids[link]) = (link, id)
      return link
    }
    hub.opened(link, peer: peer, at: .now())
  }

  func received(_ text: [UInt8], on id: WebSocketID) -> WebSocketAnswer {
    guard let link = numbers.withLock({ $0.links[id] }) else { return .silence }
    let answer = hub.received(text, on: link, at: .now())
    if let replaced = answer.replaced { end(replaced.link, replaced.reason) }
    switch answer.reply {
    case .text(let bytes): return .reply(bytes)
    case .close(let code, let reason):
      logger.debug("refused a message of an agent: \(reason)")
      return .close(code: code, reason: reason)
    }
  }

  func closed(_ id: WebSocketID, _ closure: WebSocketClosure) {
    let link = numbers.withLock { numbers in
      let link = numbers.links.removeValue(forKey: id)
      if let link { numbers.ids[link] = nil }
      return link
    }
    if let link { hub.closed(link, isGivenUp: closure.isFarewell, at: .now()) }
  }

  private func end(_ link: Hub.Link, _ reason: String) {
    let (id, loop) = numbers.withLock { ($0.ids[link], $0.loop) }
    if let id { loop?.close(id, code: 1008, reason: reason) }
  }
}
