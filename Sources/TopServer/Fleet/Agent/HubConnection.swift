import Jansson
import Linux
import TLS
import WebSocket

/// The agent's connection to a hub, over a WebSocket.
struct HubConnection: AgentConnection {
  private let client: WebSocketClient

  /// The time limit for connection, TLS and WebSocket handshake together.
  private static let timeout = Duration.seconds(10)

  /// Connects; the token is read each time, so that a new one needs no restart.
  ///
  /// - Parameters:
  ///   - tokenFile: The file with the token; `nil` when the hub needs none.
  ///   - caFile: The certificate authorities to trust; `nil` for those of the system.
  init(to hub: WebSocketURL, tokenFile: String?, caFile: String?) throws(HubTrouble) {
    var headers: [HTTPField] = []
    if let path = tokenFile {
      headers.append(.init("Authorization", "Bearer \(try Self.token(in: path))"))
    }
    do throws(WebSocketClientError) {
      client = try WebSocketClient.connect(
        hub, headers: headers, trust: caFile.map(Trust.file) ?? .system,
        timeout: Self.timeout)
    } catch {
      throw HubTrouble(error)
    }
  }

  func send(_ text: [UInt8]) -> Bool { client.send(text) }

  func close() { client.close(code: 1001, reason: "the agent ends") }

  func run(_ onText: ([UInt8]) -> Void) -> String {
    let closure = client.run(onText)
    let reason = closure.reason.isEmpty ? "code \(closure.code)" : closure.reason
    return switch closure.cause {
    case .peer: "it closed the connection (\(LogText.visible(reason)))"
    case .us, .lost: LogText.visible(reason)
    }
  }

  private static func token(in path: String) throws(HubTrouble) -> String {
    do {
      return try AgentToken.read(path, option: "--token-file").text
    } catch {
      throw .lasting("\(error)")
    }
  }
}

extension HubTrouble {
  init(_ error: WebSocketClientError) {
    switch error {
    case .refused(let status, let body):
      let detail = Self.detail(of: body).map { ": \($0)" } ?? ""
      switch status {
      case 401: self = .lasting("it does not accept our token (status 401)\(detail)")
      case 403, 404: self = .lasting("it refused us (status \(status))\(detail)")
      default: self = .passing("it answered with status \(status)\(detail)")
      }
    case .untrusted(let reason): self = .lasting("its certificate is not trusted: \(reason)")
    case .insecure, .unreachable, .notWebSocket, .timedOut: self = .passing("\(error)")
    }
  }

  /// The detail of the hub's answer, which is untrusted text.
  ///
  /// See RFC 9457.
  private static func detail(of body: [UInt8]) -> String? {
    guard let json = try? JSONValue(parsing: body), case .object(let members) = json,
      case .string(let detail)? = members.first(where: { $0.name == "detail" })?.value
    else { return nil }
    return LogText.visible(String(detail.prefix(300)))
  }
}
