/// What a client is to be sent: the events of a broadcaster from now on, after those that it missed.
///
/// It begins when it is served, so one that is not (the answer to HEAD, a server that stops) costs nothing.
public struct EventStream: Sendable {
  let broadcaster: Broadcaster
  let lastID: UInt64?
  let headers: [Response.Header]

  init(_ broadcaster: Broadcaster, after id: UInt64?, headers: [Response.Header]) {
    self.broadcaster = broadcaster
    lastID = id
    // The third keeps nginx from holding events back in its buffer.
    self.headers =
      [
        .init("Content-Type", "text/event-stream"), .init("Cache-Control", "no-store"),
        .init("X-Accel-Buffering", "no"),
      ] + headers
  }
}
