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
  public static func now() -> Instant {
    Instant(
      monotonic: nanoseconds(of: CLOCK_MONOTONIC),
      sinceBoot: nanoseconds(of: CLOCK_BOOTTIME),
      wall: nanoseconds(of: CLOCK_REALTIME))
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
