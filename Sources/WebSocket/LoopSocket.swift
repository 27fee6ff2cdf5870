import Linux

/// One connection of a loop: its frames, what is on its way in and out, and when to look after it.
///
/// It belongs to the loop's thread.
final class LoopSocket {
  enum Phase {
    case open
    /// We have sent a close, or are about to; since when.
    case closing(since: Int64)
    /// We have nothing more to say; what still comes is thrown away, so that our last words are not lost with it.
    case lingering(since: Int64)
  }

  let id: WebSocketID
  let socket: StreamSocket
  let peer: String
  /// What counts for the limit of connections from one address.
  let address: String
  let release: @Sendable () -> Void
  let framing: Framing

  var phase = Phase.open
  /// What was read and not yet taken, because too much waits to be sent.
  var unread: ArraySlice<UInt8> = []
  /// What the kernel has not taken yet.
  var unsent: ArraySlice<UInt8> = []
  /// What the poll watches for.
  var interest: EventPoll.Interest = .reading
  /// When something whole came last, and when we asked for a sign of life; nanoseconds on the monotonic clock.
  var heard: Int64
  var asked: Int64
  /// Since when the other side takes nothing of what is to be sent.
  var stuck: Int64?
  /// The earliest moment at which the loop will look after it; others that it stands for are out of date.
  var appointment = Int64.max
  /// Bytes that were thrown away.
  var discarded = 0
  /// Bytes that it makes us keep, as far as they were counted.
  var held = 0

  /// Bytes that it makes us keep: of a message that is not whole yet, unread, and unsent.
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

  /// When it must be looked after at the latest.
  func deadline(_ limits: LoopTimes) -> Int64 {
    switch phase {
    case .closing(let since), .lingering(let since): return since + limits.close
    case .open:
      let silence = min(heard + limits.idle, max(heard, asked) + limits.ping)
      return min(silence, stuck.map { $0 + limits.send } ?? .max)
    }
  }
}

/// Lengths of time, in nanoseconds.
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
