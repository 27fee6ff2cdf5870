import Glibc
import Linux
import Synchronization

@testable import WebSocket

/// A loop with a clock and sockets that the test controls.
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

  /// Nanoseconds that the test advances.
  private final class Moment: Sendable {
    let nanoseconds = Atomic<Int64>(0)
    var value: Int64 { nanoseconds.load(ordering: .relaxed) }
  }

  /// The number of sockets that the loop has released.
  var releases: Int { released.count.load(ordering: .relaxed) }

  private final class Counter: Sendable {
    let count = Atomic(0)
  }

  /// Advances the clock and wakes the loop.
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
