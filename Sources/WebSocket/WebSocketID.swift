/// Identifies a connection of a ``WebSocketLoop``.
///
/// Ids are never reused.
public struct WebSocketID: Hashable, Sendable {
  let number: UInt64
}
