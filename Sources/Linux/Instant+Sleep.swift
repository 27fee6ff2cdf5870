import Glibc

extension Instant {
  /// Blocks this thread until a time on `CLOCK_MONOTONIC`, in nanoseconds.
  ///
  /// Returns at once if that time has passed.
  ///
  /// See clock_nanosleep(2).
  public static func sleep(untilMonotonic moment: Int64) {
    let (seconds, rest) = moment.quotientAndRemainder(dividingBy: 1_000_000_000)
    var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(rest))
    while unsafe clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
  }
}
