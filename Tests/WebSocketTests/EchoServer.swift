import Linux
import MicroHTTPD
import Synchronization
import Testing

@testable import WebSocket

/// An HTTP server on a free loopback port that serves a WebSocket on every path, with a loop behind it.
final class EchoServer: Sendable {
  let daemon: Daemon
  let loop: WebSocketLoop
  let recorder: Recorder
  let port: UInt16
  private let seen: Seen

  /// What the handler recorded of the requests.
  private final class Seen: Sendable {
    let authorizations = Mutex<[String?]>([])
    let peers = Mutex<[String?]>([])
  }

  init(
    recorder: Recorder = Recorder(), threads: Int = 2,
    configure: (inout WebSocketLimits) -> Void = { _ in }
  ) throws {
    var limits = WebSocketLimits()
    // A busy machine may pause a test for minutes, and its connections must not time out meanwhile.
    (limits.idleTimeout, limits.pingInterval) = (.seconds(3600), .seconds(3600))
    limits.closeTimeout = .seconds(3600)
    configure(&limits)
    let loop = try WebSocketLoop(limits: limits, handler: recorder)
    let socket = try ListeningSocket(host: "127.0.0.1", port: 0)
    var configuration = DaemonConfiguration { _ in Response(status: 400, headers: [], body: []) }
    configuration.threads = threads
    // The time limit for an incomplete request.
    configuration.idleTimeout = 1
    let seen = Seen()
    daemon = try Daemon(socket: socket, configuration: configuration) { request in
      seen.authorizations.withLock { $0.append(request.header("Authorization")) }
      seen.peers.withLock { $0.append(request.peerAddress) }
      return Self.answer(request, loop)
    }
    self.loop = loop
    self.recorder = recorder
    self.seen = seen
    port = socket.port
  }

  deinit {
    // The daemon closes the sockets that the loop still has, and then their descriptors may be reused. So end the loop
    // first.
    let (daemon, loop) = (daemon, loop)
    Task {
      await loop.drain(within: .seconds(5))
      daemon.stop()
    }
  }

  var authorizations: [String?] { seen.authorizations.withLock { $0 } }
  var peers: [String?] { seen.peers.withLock { $0 } }

  var url: WebSocketURL {
    get throws { try WebSocketURL("ws://127.0.0.1:\(port)/echo") }
  }

  /// Stops like a product: first the sockets, then the answers, finally the daemon.
  ///
  /// The limit is long, since a busy machine may delay the test's own answers.
  func stop() async {
    let limit = Duration.seconds(60)
    async let drained: Void = loop.drain(within: limit)
    await daemon.drain(for: limit, clock: ContinuousClock())
    await drained
    daemon.stop()
  }

  private static func answer(_ request: borrowing Request, _ loop: WebSocketLoop) -> Reply {
    let fields: [HTTPField]
    do {
      if request.path == "/401" {
        let body = Array("{\"detail\":\"no token\"}".utf8)
        return Reply(Response(status: 401, headers: [], body: body))
      }
      fields = try ServerHandshake.accept(method: request.method) { request.headers($0) }
    } catch {
      let headers = error.fields.map { Response.Header($0.name, $0.value) }
      return Reply(
        Response(status: error.status, headers: headers, body: Array(error.reason.utf8)))
    }
    let headers = fields.map { Response.Header($0.name, $0.value) }
    return .upgrade(
      Upgrade(protocol: "websocket", headers: headers) { connection in
        loop.adopt(
          socket: connection.socket, earlyBytes: connection.earlyBytes,
          peer: connection.peerAddress ?? "", release: connection.close)
      })
  }
}

/// The sample request of RFC 6455.
let sampleRequest = """
  GET /echo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
  Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n
  """
