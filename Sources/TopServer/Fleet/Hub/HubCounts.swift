/// The counters of a hub since its start, for `/system`.
struct HubCounts: Sendable, Equatable {
  /// Open connections, and connections opened so far.
  var connections = 0
  var connectionsTotal: UInt64 = 0
  /// All messages, valid or not.
  var messages: UInt64 = 0
  /// Samples that arrived after an outage, with their own times.
  var late: UInt64 = 0
  /// Samples of a time at which another run owned the name.
  var notOwned: UInt64 = 0
  /// Invalid values that were clamped or left out.
  var oddValues: UInt64 = 0
  /// Samples that had arrived before.
  var duplicates: UInt64 = 0
  /// Connections that were closed because another one replaced them.
  var replaced: UInt64 = 0
  /// Hosts that were forgotten to make room for others.
  var evicted: UInt64 = 0
  /// Samples that were dropped before they could be recorded.
  var lost: UInt64 = 0
  var refused: [FleetRefusal.Cause: UInt64] = [:]
}
