import Glibc

/// Facts about the machine that the C library knows.
public enum Machine {
  /// The name of this machine.
  ///
  /// See gethostname(2).
  public static var name: String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard unsafe gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Clock ticks in a second of the times in /proc.
  ///
  /// See sysconf(3), `_SC_CLK_TCK`.
  public static var ticksPerSecond: Int { sysconf(Int32(_SC_CLK_TCK)) }

  /// Bytes in a page of memory.
  ///
  /// See sysconf(3), `_SC_PAGESIZE`.
  public static var pageSize: Int { sysconf(Int32(_SC_PAGESIZE)) }

  /// CPUs that this machine has online.
  ///
  /// See sysconf(3), `_SC_NPROCESSORS_ONLN`.
  public static var onlineCPUs: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// Raises the number of files that we may open to what the administrator allows.
  ///
  /// See setrlimit(2).
  ///
  /// - Returns: How many files that are; 1024, the usual least, when the kernel does not say.
  @discardableResult
  public static func raiseDescriptorLimit() -> Int {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(7), &limit) == 0 else { return 1024 }
    let usual = limit.rlim_cur
    limit.rlim_cur = limit.rlim_max
    let isRaised = unsafe setrlimit(__rlimit_resource_t(7), &limit) == 0
    return Int(clamping: isRaised ? limit.rlim_max : usual)
  }

  /// Our own pid.
  ///
  /// See getpid(2).
  public static var ownPID: Int32 { getpid() }
}
