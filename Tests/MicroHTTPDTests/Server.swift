import Linux
import Synchronization

@testable import MicroHTTPD

/// A daemon on a free port of the loopback address, and what it saw.
final class Server: Sendable {
  let daemon: Daemon
  let port: UInt16
  let log: Log

  /// - Parameter handler: By default answers with the method and the path.
  init(
    configure: (inout DaemonConfiguration) -> Void = { _ in },
    handler: @escaping @Sendable (borrowing Request) -> Reply = {
      Server.text("\($0.method) \($0.path)")
    }
  ) throws {
    let log = Log()
    var configuration = DaemonConfiguration { refusal in
      switch refusal {
      case .malformed(let problem): Server.text(problem, status: 400).response
      case .hostNotAllowed(let host): Server.text("not \(host)", status: 421).response
      case .bodyTooLarge(let limit): Server.text("more than \(limit)", status: 413).response
      }
    }
    configuration.log = { log.add($0) }
    configure(&configuration)
    let socket = try ListeningSocket(host: "127.0.0.1", port: 0)
    port = socket.port
    daemon = try Daemon(socket: socket, configuration: configuration, handler: handler)
    self.log = log
  }

  func client() throws -> Client { try Client(port: port) }

  static func text(_ text: String, status: Int = 200) -> Reply {
    Reply(
      Response(
        status: status, headers: [.init("Content-Type", "text/plain")], body: Array(text.utf8)))
  }
}

/// Lines that were logged, by any thread.
final class Log: Sendable {
  private let stored = Mutex<[String]>([])

  var lines: [String] { stored.withLock { $0 } }

  func add(_ line: String) { stored.withLock { $0.append(line) } }
}
