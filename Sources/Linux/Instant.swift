import Glibc

/// One moment, as read from the three clocks that a monitor needs.
///
/// See clock_gettime(2).
public struct Instant: Sendable, Equatable {
  /// Nanoseconds on `CLOCK_MONOTONIC`, which stops while the machine is suspended.
  ///
  /// Use it for intervals.
  public var monotonic: Int64
  /// Nanoseconds since boot on `CLOCK_BOOTTIME`, including suspension.
  ///
  /// Process start times use this clock.
  public var sinceBoot: Int64
  /// Nanoseconds since the epoch on `CLOCK_REALTIME`.
  ///
  /// Use it for display only, since it can be set at any time.
  public var wall: Int64

  public init(monotonic: Int64, sinceBoot: Int64, wall: Int64) {
    self.monotonic = monotonic
    self.sinceBoot = sinceBoot
    self.wall = wall
  }

  /// Reads the three clocks.
  ///
  /// The clocks are read one after another, and the thread may be preempted in between. Such a reading is repeated to
  /// keep the offset between the clocks stable.
  public static func now() -> Instant {
    var (best, narrowest) = reading()
    for _ in 0..<4 where narrowest > closeEnough {
      let (instant, width) = reading()
      if width < narrowest { (best, narrowest) = (instant, width) }
    }
    return best
  }

  /// The duration of an undisturbed reading of the three clocks, at most, in nanoseconds.
  private static let closeEnough: Int64 = 20_000

  /// - Returns: The moment, and the duration of the reading in nanoseconds.
  private static func reading() -> (instant: Instant, width: Int64) {
    let before = nanoseconds(of: CLOCK_BOOTTIME)
    let monotonic = nanoseconds(of: CLOCK_MONOTONIC)
    let wall = nanoseconds(of: CLOCK_REALTIME)
    let width = nanoseconds(of: CLOCK_BOOTTIME) - before
    return (Instant(monotonic: monotonic, sinceBoot: before + width / 2, wall: wall), width)
  }

  /// The current time on `CLOCK_MONOTONIC`, in nanoseconds.
  public static func monotonicNow() -> Int64 { nanoseconds(of: CLOCK_MONOTONIC) }

  /// The current time on `CLOCK_MONOTONIC_COARSE`, in nanoseconds: up to a few milliseconds behind, but very cheap.
  public static func monotonicCoarse() -> Int64 { nanoseconds(of: CLOCK_MONOTONIC_COARSE) }

  private static func nanoseconds(of clock: clockid_t) -> Int64 {
    var time = timespec()
    // These clocks exist on every supported kernel, so the call cannot fail.
    _ = unsafe clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
