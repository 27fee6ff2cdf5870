import MicroHTTPD

/// What was asked of the server until now, who listens to it, and what was refused.
struct Traffic: Sendable, Equatable {
  /// The readers of `/events`.
  struct Streams: Sendable, Equatable {
    /// Streams that are open now.
    var open = 0
    /// Streams that were opened since the start.
    var opened: Int64 = 0
    /// Readers that were too slow.
    var dropped = 0
  }

  var requests = RequestCounts.Reading()
  var streams = Streams()
  /// Connections, and what was refused and ended.
  var daemon = DaemonCounts.Reading()
}

extension Traffic.Streams {
  init(_ broadcaster: Broadcaster) {
    self.init(
      open: broadcaster.readerCount, opened: broadcaster.openedCount,
      dropped: broadcaster.droppedCount)
  }
}
