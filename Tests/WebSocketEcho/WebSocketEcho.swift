import Linux
import MicroHTTPD
import WebSocket

/// A server or client that echoes all messages, for the Autobahn test suite.
///
/// `WebSocketEcho` runs the server and prints its URL; `WebSocketEcho ws://host:port` runs the client against that
/// server.
@main
enum WebSocketEcho {
  static func main() throws {
    if CommandLine.arguments.count > 1 {
      try EchoClient(server: CommandLine.arguments[1]).runCases()
    } else {
      try serve()
    }
  }

  private static func serve() throws {
    let loop = try WebSocketLoop(handler: Echo())
    let socket = try ListeningSocket(host: "127.0.0.1", port: 0)
    let configuration = DaemonConfiguration { _ in Response(status: 400, headers: [], body: []) }
    let daemon = try Daemon(socket: socket, configuration: configuration) { answer($0, loop) }
    Console.say("ws://127.0.0.1:\(socket.port)")
    withExtendedLifetime(daemon) { Instant.sleep(untilMonotonic: .max) }
  }

  private static func answer(_ request: borrowing Request, _ loop: WebSocketLoop) -> Reply {
    do {
      let fields = try ServerHandshake.accept(method: request.method) { request.headers($0) }
      let headers = fields.map { Response.Header($0.name, $0.value) }
      return .upgrade(
        Upgrade(protocol: "websocket", headers: headers) { connection in
          loop.adopt(
            socket: connection.socket, earlyBytes: connection.earlyBytes,
            peer: connection.peerAddress ?? "", release: connection.close)
        })
    } catch {
      let headers = error.fields.map { Response.Header($0.name, $0.value) }
      return Reply(
        Response(status: error.status, headers: headers, body: Array(error.reason.utf8)))
    }
  }
}

private struct Echo: WebSocketHandler {
  func opened(_ id: WebSocketID, peer: String) {}
  func received(_ text: [UInt8], on id: WebSocketID) -> WebSocketAnswer { .reply(text) }
  func received(binary: [UInt8], on id: WebSocketID) -> WebSocketAnswer { .reply(binary) }
  func closed(_ id: WebSocketID, _ closure: WebSocketClosure) {}
}
