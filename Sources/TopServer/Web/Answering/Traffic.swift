import MicroHTTPD

/// The requests, event streams and refusals of the server so far.
struct Traffic: Sendable, Equatable {
  /// The clients of `/events`.
  struct Streams: Sendable, Equatable {
    /// Streams that are open now.
    var open = 0
    /// Streams that were opened since the start.
    var opened: Int64 = 0
    /// Clients that were dropped because they were too slow.
    var dropped = 0
  }

  var requests = RequestCounts.Reading()
  var streams = Streams()
  /// The counts of connections, refusals and aborted answers.
  var daemon = DaemonCounts.Reading()
}

extension Traffic.Streams {
  init(_ broadcaster: Broadcaster) {
    self.init(
      open: broadcaster.readerCount, opened: broadcaster.openedCount,
      dropped: broadcaster.droppedCount)
  }
}
