import Curl
import Linux
import MicroHTTPD

/// A server on a free loopback port that echoes requests.
///
/// A numeric path is answered with that status.
final class EchoServer {
  private let daemon: Daemon
  let url: String

  init() throws {
    let socket = try ListeningSocket(host: "127.0.0.1", port: 0)
    url = "http://127.0.0.1:\(socket.port)"
    let configuration = DaemonConfiguration { _ in
      Response(status: 400, headers: [], body: [])
    }
    daemon = try Daemon(socket: socket, configuration: configuration, handler: Self.echo)
  }

  var requests: Int { Int(daemon.requestCount) }

  private static func echo(_ request: borrowing Request) -> Reply {
    let extras = [request.header("Content-Type"), request.header("Content-Length")]
    let words = [request.method, request.path] + extras.compactMap { $0 }
    return Reply(
      Response(
        status: Int(request.path.dropFirst()) ?? 200,
        headers: [.init("Content-Type", "text/plain"), .init("Location", "/elsewhere")],
        body: Array(words.joined(separator: " ").utf8)))
  }
}

extension CurlHandle {
  static func test(timeout: Duration = .seconds(10)) throws -> CurlHandle {
    try CurlHandle(timeout: timeout, userAgent: "tests")
  }
}
