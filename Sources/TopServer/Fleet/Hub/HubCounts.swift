/// What a hub has seen since its start, for `/system`.
struct HubCounts: Sendable, Equatable {
  /// Connections that are open, and that were opened.
  var connections = 0
  var connectionsTotal: UInt64 = 0
  /// Messages of whatever kind.
  var messages: UInt64 = 0
  /// Samples that came after an outage, with their own times.
  var late: UInt64 = 0
  /// Samples about a time at which their name belonged to another run of an agent.
  var notOwned: UInt64 = 0
  /// Values that made no sense, each of which was bounded or left out.
  var oddValues: UInt64 = 0
  /// Samples that had come before.
  var duplicates: UInt64 = 0
  /// Connections that were closed because another one spoke for their host.
  var replaced: UInt64 = 0
  /// Hosts that were forgotten to make room for others.
  var evicted: UInt64 = 0
  var refused: [FleetRefusal.Cause: UInt64] = [:]
}
