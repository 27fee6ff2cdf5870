/// One connection of a ``WebSocketLoop``; never given to another one.
public struct WebSocketID: Hashable, Sendable {
  let number: UInt64
}
