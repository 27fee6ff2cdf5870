/// Why a hub rejects a client or a message: a cause to count, and a reason for the client.
struct FleetRefusal: Error, Sendable, Equatable {
  /// The causes that `/system` counts.
  enum Cause: String, Sendable, CaseIterable {
    /// Neither a valid message nor a text that ends in a percentage.
    case badMessage = "bad_message"
    /// A message version that this hub does not support.
    case unknownVersion = "unknown_version"
    case badHostName = "bad_host_name"
    /// The connection sent for another host before.
    case hostChanged = "host_changed"
    /// Another connection owns the host's name.
    case hostTaken = "host_taken"
    /// The name is reserved for a run whose connection has just ended.
    case hostKept = "host_kept"
    case tooManyHosts = "too_many_hosts"
    /// Unknown names arrive too fast.
    case tooManyNewHosts = "too_many_new_hosts"
    /// The limit of connections, in total or from one address, is reached.
    case tooManyConnections = "too_many_connections"
    /// The rate limit of messages is exceeded.
    case flood
    /// The token is missing or wrong.
    case unauthorized
    /// No token is configured although other machines can reach the hub.
    case noToken = "no_token"
    /// The request comes from a page of another site.
    case crossSite = "cross_site"
  }

  var cause: Cause
  /// What to change; it contains nothing that the client sent.
  var reason: String
}
