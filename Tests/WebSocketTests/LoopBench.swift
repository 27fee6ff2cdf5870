import Glibc
import Linux
import Synchronization

@testable import WebSocket

/// A loop whose clock moves when a test says so, and the sockets that it was given.
final class LoopBench: Sendable {
  let loop: WebSocketLoop
  let recorder: Recorder
  private let clock = Moment()
  private let released = Counter()

  init(
    recorder: Recorder = Recorder(), configure: (inout WebSocketLimits) -> Void = { _ in }
  ) throws {
    var limits = WebSocketLimits()
    configure(&limits)
    self.recorder = recorder
    loop = try WebSocketLoop(limits: limits, handler: recorder) { [clock] in clock.value }
  }

  /// Nanoseconds that a test moves.
  private final class Moment: Sendable {
    let nanoseconds = Atomic<Int64>(0)
    var value: Int64 { nanoseconds.load(ordering: .relaxed) }
  }

  /// Sockets that the loop has let go of.
  var releases: Int { released.count.load(ordering: .relaxed) }

  private final class Counter: Sendable {
    let count = Atomic(0)
  }

  /// Moves time forward, and lets the loop see it.
  func advance(by duration: Duration) {
    clock.nanoseconds.add(duration.nanoseconds, ordering: .relaxed)
    loop.wake()
  }

  /// Gives the loop one end of a new connection.
  func connect(peer: String = "peer", earlyBytes: [UInt8] = []) throws -> Wire {
    let wire = try Wire(owner: self)
    let far = wire.far
    loop.adopt(socket: far, earlyBytes: earlyBytes, peer: peer) { [released] in
      close(far)
      released.count.add(1, ordering: .relaxed)
    }
    return wire
  }
}
