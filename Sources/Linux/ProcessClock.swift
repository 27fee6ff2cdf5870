import Glibc

/// Reads the CPU-time clock that the kernel keeps for each process.
///
/// Reading it needs no privilege and no file. The clock counts all threads, including ended ones, and advances whenever
/// the process runs. See clock_getcpuclockid(3).
public enum ProcessClock {
  /// The CPU time in nanoseconds of a process in our pid namespace.
  ///
  /// - Returns: `nil` if there is no such process or the kernel denies access.
  public static func nanoseconds(of pid: Int32) -> Int64? {
    var time = timespec()
    // The clock id that clock_getcpuclockid computes: `CPUCLOCK_SCHED` for the whole process.
    let clock = clockid_t(~pid << 3) | 2
    guard unsafe clock_gettime(clock, &time) == 0 else { return nil }
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
