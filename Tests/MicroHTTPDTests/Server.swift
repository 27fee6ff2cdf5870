import Linux
import Synchronization
import TestSupport
import Testing

@testable import MicroHTTPD

/// A daemon on a free loopback port, and a record of what it reports.
final class Server: Sendable {
  let daemon: Daemon
  let port: UInt16
  let log: Log
  /// The messages for the operator.
  let notes: Log
  let counts: DaemonCounts

  /// - Parameter handler: The default handler answers with the method and the path.
  init(
    configure: (inout DaemonConfiguration) -> Void = { _ in },
    handler: @escaping @Sendable (borrowing Request) -> Reply = {
      Server.text("\($0.method) \($0.path)")
    }
  ) throws {
    let log = Log()
    let notes = Log()
    var configuration = DaemonConfiguration { refusal in
      switch refusal {
      case .malformed(let problem): Server.text(problem, status: 400).response
      case .hostNotAllowed(let host): Server.text("not \(host)", status: 421).response
      case .bodyTooLarge(let limit): Server.text("more than \(limit)", status: 413).response
      case .headTooLarge(let limit, let isTarget):
        Server.text("more than \(limit)", status: isTarget ? 414 : 431).response
      case .tooMany(let limit, let number):
        Server.text("\(limit): \(number)", status: 503).response
      case .clientLeft: Server.text("left", status: 503).response
      case .stopping: Server.text("stopping", status: 503).response
      }
    }
    configuration.log = { log.add($0) }
    configuration.note = { notes.add($0) }
    configure(&configuration)
    let socket = try ListeningSocket(host: "127.0.0.1", port: 0)
    port = socket.port
    daemon = try Daemon(socket: socket, configuration: configuration, handler: handler)
    self.log = log
    self.notes = notes
    counts = configuration.counts
  }

  func client(receiveBuffer: Int32? = nil, address: UInt32 = 1) throws -> Client {
    try Client(port: port, receiveBuffer: receiveBuffer, address: address)
  }

  /// Checks for slow clients now.
  func endSlowClients() { daemon.endSlowClients(at: Instant.monotonicNow()) }

  /// Runs the check for slow clients once.
  func endSlowClientsOnce() async throws {
    let clock = ManualClock()
    let watch = Task { try await daemon.endSlowClients(clock: clock) }
    await clock.sleepCalled(times: 1)
    clock.advance(by: .seconds(1))
    await clock.sleepCalled(times: 2)
    watch.cancel()
    await #expect(throws: CancellationError.self) { try await watch.value }
  }

  static func text(_ text: String, status: Int = 200) -> Reply {
    Reply(
      Response(
        status: status, headers: [.init("Content-Type", "text/plain")], body: Array(text.utf8)))
  }
}

extension Reply {
  /// The response of a ready reply.
  var response: Response { ready.response }
  var status: Int { ready.status }

  private var ready: (response: Response, status: Int) {
    guard case .ready(let response, let status) = self else {
      preconditionFailure("the reply is not ready")
    }
    return (response, status)
  }
}

/// Log lines from any thread.
final class Log: Sendable {
  private let stored = Mutex<[String]>([])

  var lines: [String] { stored.withLock { $0 } }

  func add(_ line: String) { stored.withLock { $0.append(line) } }
}
