import Linux
import Synchronization

/// Counts by reason what a daemon has refused and ended since the start, and reports its current numbers.
///
/// It is created before the daemon, so that code that shows the numbers does not depend on the daemon.
public final class DaemonCounts: Sendable {
  /// The numbers at one time.
  public struct Reading: Sendable, Equatable {
    /// Open connections, including streams and upgrades.
    public var connections = 0
    public var connectionLimit = 0
    public var streams = 0
    public var streamLimit = 0
    public var upgrades = 0
    public var upgradeLimit = 0
    /// Requests whose answers are in progress.
    public var waitingAnswers = 0
    /// Bytes of large answers that clients have not received yet.
    public var unsentBytes = 0
    public var refused: [DaemonLimit: Int] = [:]
    public var ended: [DaemonEnding: Int] = [:]

    public init() {}
  }

  private struct State {
    var refused: [DaemonLimit: Int] = [:]
    var ended: [DaemonEnding: Int] = [:]
    /// For each reason, the time of the last message, in nanoseconds on `CLOCK_MONOTONIC`, and the count then.
    var notedRefused: [DaemonLimit: (moment: Int64, count: Int)] = [:]
    var notedEnded: [DaemonEnding: (moment: Int64, count: Int)] = [:]
    var current: (@Sendable () -> Reading)?
  }

  private let state = Mutex(State())
  /// The shortest time between two messages about one reason, in nanoseconds.
  private static let pause: Int64 = 60_000_000_000

  public init() {}

  public var now: Reading {
    let (current, refused, ended) = state.withLock { ($0.current, $0.refused, $0.ended) }
    var reading = current?() ?? Reading()
    reading.refused = refused
    reading.ended = ended
    return reading
  }

  /// Sets the source of the current numbers.
  ///
  /// The daemon calls this.
  func attach(_ current: @escaping @Sendable () -> Reading) {
    state.withLock { $0.current = current }
  }

  /// - Returns: The number of refusals since the last message, if a message is due now; `nil` otherwise.
  func count(_ limit: DaemonLimit, at now: Int64) -> Int? {
    state.withLock { state in
      let count = state.refused[limit, default: 0] + 1
      state.refused[limit] = count
      return Self.due(&state.notedRefused[limit], count, now)
    }
  }

  /// Like ``count(_:at:)-(DaemonLimit,_)``, for ended connections.
  func count(_ ending: DaemonEnding, times: Int = 1, at now: Int64) -> Int? {
    guard times > 0 else { return nil }
    return state.withLock { state in
      let count = state.ended[ending, default: 0] + times
      state.ended[ending] = count
      return Self.due(&state.notedEnded[ending], count, now)
    }
  }

  private static func due(
    _ noted: inout (moment: Int64, count: Int)?, _ count: Int, _ now: Int64
  ) -> Int? {
    if let noted, now - noted.moment < pause { return nil }
    defer { noted = (now, count) }
    return count - (noted?.count ?? 0)
  }
}
