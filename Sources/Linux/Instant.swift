import Glibc

/// One moment on the three clocks that a monitor needs.
///
/// See clock_gettime(2).
public struct Instant: Sendable, Equatable {
  /// Nanoseconds on `CLOCK_MONOTONIC`, which stands still while the machine is suspended: for intervals.
  public var monotonic: Int64
  /// Nanoseconds since boot on `CLOCK_BOOTTIME`, suspension included: what process start times count in.
  public var sinceBoot: Int64
  /// Nanoseconds since the epoch on `CLOCK_REALTIME`: for display only, it may be set at any time.
  public var wall: Int64

  public init(monotonic: Int64, sinceBoot: Int64, wall: Int64) {
    self.monotonic = monotonic
    self.sinceBoot = sinceBoot
    self.wall = wall
  }

  /// This moment.
  ///
  /// The clocks are read one after the other, and the thread may lose its CPU in between; such a reading is repeated, so
  /// that the distance between two clocks does not tremble.
  public static func now() -> Instant {
    var (best, narrowest) = reading()
    for _ in 0..<4 where narrowest > closeEnough {
      let (instant, width) = reading()
      if width < narrowest { (best, narrowest) = (instant, width) }
    }
    return best
  }

  /// Nanoseconds that the three readings take at most where nothing comes between them.
  private static let closeEnough: Int64 = 20_000

  /// - Returns: A moment, and the nanoseconds within which all of it was read.
  private static func reading() -> (instant: Instant, width: Int64) {
    let before = nanoseconds(of: CLOCK_BOOTTIME)
    let monotonic = nanoseconds(of: CLOCK_MONOTONIC)
    let wall = nanoseconds(of: CLOCK_REALTIME)
    let width = nanoseconds(of: CLOCK_BOOTTIME) - before
    return (Instant(monotonic: monotonic, sinceBoot: before + width / 2, wall: wall), width)
  }

  /// Nanoseconds on `CLOCK_MONOTONIC`, exact.
  public static func monotonicNow() -> Int64 { nanoseconds(of: CLOCK_MONOTONIC) }

  /// Nanoseconds on `CLOCK_MONOTONIC_COARSE`: a few milliseconds behind at most, and almost free.
  public static func monotonicCoarse() -> Int64 { nanoseconds(of: CLOCK_MONOTONIC_COARSE) }

  private static func nanoseconds(of clock: clockid_t) -> Int64 {
    var time = timespec()
    // These clocks exist on every kernel that we run on, so the call has no way to fail.
    _ = unsafe clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
