import Linux
import MicroHTTPD
import WebSocket

/// Decides which clients may connect as agents: those with the token, or without one any client of this machine.
struct AgentAdmission: Sendable {
  /// The response to a rejected request.
  struct Refusal: Sendable, Equatable {
    var cause: FleetRefusal.Cause
    var problem: Problem
    var headers: [Response.Header] = []
  }

  /// `nil` when no token is configured.
  let token: Secret?
  /// Whether other machines can reach the server.
  let isOpenToOthers: Bool

  /// - Parameter listening: The address or name that the server listens on.
  init(token: AgentToken?, listening: String) {
    self.token = token.map { Secret(Array($0.text.utf8)) }
    isOpenToOthers = !NetworkAddress.isLoopback(listening)
  }

  /// - Parameters:
  ///   - authorization: The values of the Authorization header.
  ///   - origins: The values of the Origin header, which only browsers send.
  ///   - host: The Host header, which was checked before.
  func refusal(authorization: [String], origins: [String], host: String?) -> Refusal? {
    if token == nil, isOpenToOthers { return Self.noToken }
    if let token, !authorization.contains(where: { Self.isRight($0, token) }) {
      return Self.unauthorized
    }
    // A page of another site could send samples through a visitor's browser. See RFC 6455 section 10.2.
    let areOurs = origins.allSatisfy { Origin($0)?.matches(host: host ?? "") ?? false }
    return areOurs ? nil : Self.crossSite
  }

  /// A bearer token; the scheme is case-insensitive, see RFC 6750 section 2.1.
  private static func isRight(_ header: String, _ token: Secret) -> Bool {
    let parts = header.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else { return false }
    return token.isEqual(to: Array(parts[1].drop { $0 == " " }.utf8))
  }

  private static let noToken = Refusal(
    cause: .noToken,
    problem: Problem(
      status: 403,
      detail: "other machines can reach this server, and it has no token for agents; start it "
        + "with --agent-token-file FILE, or with --host 127.0.0.1"))
  private static let unauthorized = Refusal(
    cause: .unauthorized,
    problem: Problem(
      status: 401,
      detail:
        "agents need the token of this hub: send Authorization: Bearer TOKEN; topserver agent "
        + "reads it from --token-file"),
    headers: [.init("WWW-Authenticate", "Bearer realm=\"topserver\"")])
  private static let crossSite = Refusal(
    cause: .crossSite,
    problem: Problem(status: 403, detail: "pages of other sites may not connect as agents"))
}
