import Linux
import Synchronization

/// What a daemon has refused and ended since the start, by reason, and what it holds now.
///
/// It exists before the daemon, so that whoever shows the numbers need not know the daemon.
public final class DaemonCounts: Sendable {
  /// The numbers at one moment.
  public struct Reading: Sendable, Equatable {
    /// Connections that are open, those of streams and upgrades included.
    public var connections = 0
    public var connectionLimit = 0
    public var streams = 0
    public var streamLimit = 0
    public var upgrades = 0
    public var upgradeLimit = 0
    /// Requests whose answers are being worked on.
    public var waitingAnswers = 0
    /// Bytes of large answers that their clients have not taken yet.
    public var unsentBytes = 0
    public var refused: [DaemonLimit: Int] = [:]
    public var ended: [DaemonEnding: Int] = [:]

    public init() {}
  }

  private struct State {
    var refused: [DaemonLimit: Int] = [:]
    var ended: [DaemonEnding: Int] = [:]
    /// When each was told last, in nanoseconds on the monotonic clock, and how many there were then.
    var toldRefused: [DaemonLimit: (moment: Int64, count: Int)] = [:]
    var toldEnded: [DaemonEnding: (moment: Int64, count: Int)] = [:]
    var current: (@Sendable () -> Reading)?
  }

  private let state = Mutex(State())
  /// A reason is told once in this time at most.
  private static let pause: Int64 = 60_000_000_000

  public init() {}

  public var now: Reading {
    let (current, refused, ended) = state.withLock { ($0.current, $0.refused, $0.ended) }
    var reading = current?() ?? Reading()
    reading.refused = refused
    reading.ended = ended
    return reading
  }

  /// The daemon says where its present numbers come from.
  func attach(_ current: @escaping @Sendable () -> Reading) {
    state.withLock { $0.current = current }
  }

  /// - Returns: How many to tell of, those since the last time included; `nil` when that was a moment ago.
  func count(_ limit: DaemonLimit, at now: Int64) -> Int? {
    state.withLock { state in
      let count = state.refused[limit, default: 0] + 1
      state.refused[limit] = count
      return Self.due(&state.toldRefused[limit], count, now)
    }
  }

  /// The same for connections that were ended.
  func count(_ ending: DaemonEnding, times: Int = 1, at now: Int64) -> Int? {
    guard times > 0 else { return nil }
    return state.withLock { state in
      let count = state.ended[ending, default: 0] + times
      state.ended[ending] = count
      return Self.due(&state.toldEnded[ending], count, now)
    }
  }

  private static func due(
    _ told: inout (moment: Int64, count: Int)?, _ count: Int, _ now: Int64
  ) -> Int? {
    if let told, now - told.moment < pause { return nil }
    defer { told = (now, count) }
    return count - (told?.count ?? 0)
  }
}
