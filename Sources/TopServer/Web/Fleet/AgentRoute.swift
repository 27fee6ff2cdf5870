import Linux
import MicroHTTPD
import WebSocket

/// `/webservices/cpu/`: the WebSocket endpoint for agents.
struct AgentRoute: Sendable {
  let admission: AgentAdmission
  let hub: Hub
  let sockets: HubSockets

  func answer(_ request: borrowing Request) -> Reply {
    guard request.method == "GET" else { return Self.wrongMethod }
    do throws(Problem) {
      try QueryParameters.refuseAll(request.target.query)
    } catch {
      return Reply(error.response())
    }
    if let refusal = admission.refusal(
      authorization: request.headers("Authorization"), origins: request.headers("Origin"),
      host: request.header("Host"))
    {
      hub.refuse(
        FleetRefusal(cause: refusal.cause, reason: refusal.problem.detail),
        peer: request.peerAddress ?? Self.thisMachine)
      return Reply(refusal.problem.response(headers: refusal.headers))
    }
    return shakeHands(request)
  }

  private func shakeHands(_ request: borrowing Request) -> Reply {
    let fields: [HTTPField]
    do throws(ServerHandshake.Refusal) {
      fields = try Self.accept(request)
    } catch {
      return Reply(
        Problem(status: error.status, detail: error.reason)
          .response(headers: error.fields.map { .init($0.name, $0.value) }))
    }
    let peer = request.peerAddress ?? Self.thisMachine
    guard sockets.hasRoom(for: peer) else {
      hub.refuse(
        FleetRefusal(cause: .tooManyConnections, reason: Self.fullReason), peer: peer)
      return Self.full
    }
    let sockets = sockets
    return .upgrade(
      Upgrade(protocol: "websocket", headers: fields.map { .init($0.name, $0.value) }) {
        sockets.adopt($0, peer: peer)
      })
  }

  private static func accept(
    _ request: borrowing Request
  ) throws(ServerHandshake.Refusal) -> [HTTPField] {
    var values: [String: [String]] = [:]
    for name in ["Upgrade", "Connection", "Sec-WebSocket-Version", "Sec-WebSocket-Key"] {
      values[name] = request.headers(name)
    }
    return try ServerHandshake.accept(method: request.method) { values[$0] ?? [] }
  }

  private static let wrongMethod = Reply(
    Problem(status: 405, detail: "a WebSocket begins with GET").response(headers: [
      .init("Allow", "GET")
    ]))
  /// The name for a client without an address, which is on this machine.
  private static let thisMachine = "localhost"
  private static let fullReason =
    "this hub has reached its limit of agents, or your address its limit of connections; "
    + "--connections and --connections-per-address of the hub allow more"
  private static let full = Reply(
    Problem(status: 503, detail: fullReason).response(headers: [
      .init("Retry-After", "30")
    ]))
}
