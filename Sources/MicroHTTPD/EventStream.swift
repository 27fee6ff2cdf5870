/// A stream of a broadcaster's events for one client: first the missed events, then new ones.
///
/// It starts only when it is served, so an unused one (for HEAD, or while the server stops) costs nothing.
public struct EventStream: Sendable {
  let broadcaster: Broadcaster
  let lastID: UInt64?
  let headers: [Response.Header]

  init(_ broadcaster: Broadcaster, after id: UInt64?, headers: [Response.Header]) {
    self.broadcaster = broadcaster
    lastID = id
    // The third header disables nginx's response buffering.
    self.headers =
      [
        .init("Content-Type", "text/event-stream"), .init("Cache-Control", "no-store"),
        .init("X-Accel-Buffering", "no"),
      ] + headers
  }
}
