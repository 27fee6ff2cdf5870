/// Why a hub does not take what a client sent: a cause to count, and a reason for the client.
struct FleetRefusal: Error, Sendable, Equatable {
  /// What `/system` counts.
  enum Cause: String, Sendable, CaseIterable {
    /// Neither a message that makes sense nor a text that ends in a percentage.
    case badMessage = "bad_message"
    /// A version of the message that this hub does not know.
    case unknownVersion = "unknown_version"
    case badHostName = "bad_host_name"
    /// The connection spoke for another host, or another run of its agent, before.
    case hostChanged = "host_changed"
    /// Another connection speaks for the host.
    case hostTaken = "host_taken"
    /// The name is kept for a run whose connection has just ended.
    case hostKept = "host_kept"
    case tooManyHosts = "too_many_hosts"
    /// Names that nobody knew come too fast.
    case tooManyNewHosts = "too_many_new_hosts"
    /// As many connections as the hub takes, or as it takes from one address.
    case tooManyConnections = "too_many_connections"
    /// More messages than anybody needs.
    case flood
    /// The token is missing or wrong.
    case unauthorized
    /// There is no token, and other machines can reach us.
    case noToken = "no_token"
    /// A page of another site.
    case crossSite = "cross_site"
  }

  var cause: Cause
  /// What to change so that it works; nothing of what a client sent is in it.
  var reason: String
}
