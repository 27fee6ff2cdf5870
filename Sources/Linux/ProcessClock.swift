import Glibc

/// The CPU clock that the kernel keeps for each process.
///
/// See clock_getcpuclockid(3). It needs no privilege and no file, sums all threads, ended ones too, and moves whenever the
/// process ran.
public enum ProcessClock {
  /// Nanoseconds of CPU time that a process of our own pid namespace has used.
  ///
  /// - Returns: `nil` when there is no such process, or the kernel refuses.
  public static func nanoseconds(of pid: Int32) -> Int64? {
    var time = timespec()
    // What clock_getcpuclockid makes of a pid: `CPUCLOCK_SCHED`, for the whole process.
    let clock = clockid_t(~pid << 3) | 2
    guard unsafe clock_gettime(clock, &time) == 0 else { return nil }
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
