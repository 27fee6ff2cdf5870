import Linux

/// A connection of a loop: its frames, its pending input and output, and its deadlines.
///
/// Only the loop's thread uses it.
final class LoopSocket {
  enum Phase {
    case open
    /// We have sent or queued a close, at this time.
    case closing(since: Int64)
    /// We have sent everything. Further input is discarded, since closing with unread input would reset the connection
    /// and could lose our last frames.
    case lingering(since: Int64)
  }

  let id: WebSocketID
  let socket: StreamSocket
  let peer: String
  /// The key for the limit of connections per address.
  let address: String
  let release: @Sendable () -> Void
  let framing: Framing

  var phase = Phase.open
  /// Received bytes that were not processed yet, because too many messages wait to be sent.
  var unread: ArraySlice<UInt8> = []
  /// Bytes that the kernel has not accepted yet.
  var unsent: ArraySlice<UInt8> = []
  /// The events that the poll watches.
  var interest: EventPoll.Interest = .reading
  /// The times of the last complete message and of our last ping, in nanoseconds on `CLOCK_MONOTONIC`.
  var heard: Int64
  var asked: Int64
  /// The time since which the peer accepts no output.
  var stuck: Int64?
  /// The earliest entry in the deadline queue.
  ///
  /// Other entries of this socket are obsolete.
  var appointment = Int64.max
  /// The number of discarded bytes.
  var discarded = 0
  /// The part of ``holding`` that the loop has counted.
  var held = 0

  /// Bytes in memory for this connection: incomplete message, unread and unsent.
  var holding: Int { framing.pending + unread.count + unsent.count }

  init(_ newcomer: LoopMail.Newcomer, _ limits: WebSocketLimits, at now: Int64) {
    id = newcomer.id
    socket = newcomer.socket
    peer = newcomer.peer
    address = newcomer.address
    release = newcomer.release
    framing = Framing(.server, limits)
    unread = newcomer.earlyBytes[...]
    heard = now
    asked = now
  }

  /// The time at which the loop must check this connection.
  func deadline(_ limits: LoopTimes) -> Int64 {
    switch phase {
    case .closing(let since), .lingering(let since): return since + limits.close
    case .open:
      let silence = min(heard + limits.idle, max(heard, asked) + limits.ping)
      return min(silence, stuck.map { $0 + limits.send } ?? .max)
    }
  }
}

/// The timeouts of ``WebSocketLimits`` in nanoseconds.
struct LoopTimes {
  let idle: Int64
  let ping: Int64
  let send: Int64
  let close: Int64

  init(_ limits: WebSocketLimits) {
    idle = limits.idleTimeout.nanoseconds
    ping = limits.pingInterval.nanoseconds
    send = limits.sendTimeout.nanoseconds
    close = limits.closeTimeout.nanoseconds
  }
}
