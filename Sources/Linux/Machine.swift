import Glibc

/// Facts about this machine, from the C library.
public enum Machine {
  /// The host name.
  ///
  /// See gethostname(2).
  public static var name: String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard unsafe gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Clock ticks per second in the times of /proc.
  ///
  /// See sysconf(3), `_SC_CLK_TCK`.
  public static var ticksPerSecond: Int { sysconf(Int32(_SC_CLK_TCK)) }

  /// The size of a memory page in bytes.
  ///
  /// See sysconf(3), `_SC_PAGESIZE`.
  public static var pageSize: Int { sysconf(Int32(_SC_PAGESIZE)) }

  /// The number of online CPUs.
  ///
  /// See sysconf(3), `_SC_NPROCESSORS_ONLN`.
  public static var onlineCPUs: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// Raises the limit of open files to the hard limit.
  ///
  /// See setrlimit(2).
  ///
  /// - Returns: The new limit; 1024, the usual minimum, if the kernel does not report it.
  @discardableResult
  public static func raiseDescriptorLimit() -> Int {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(7), &limit) == 0 else { return 1024 }
    let usual = limit.rlim_cur
    limit.rlim_cur = limit.rlim_max
    let isRaised = unsafe setrlimit(__rlimit_resource_t(7), &limit) == 0
    return Int(clamping: isRaised ? limit.rlim_max : usual)
  }

  /// The pid of this process.
  ///
  /// See getpid(2).
  public static var ownPID: Int32 { getpid() }
}
