/// The fields of /proc/PID/stat that Top-Server uses.
///
/// See proc_pid_stat(5).
public struct ProcessStat: Sendable, Equatable {
  public var identity: ProcessIdentity
  /// The command name (comm), at most 15 bytes for a program, with invalid UTF-8 replaced by U+FFFD.
  public var name: String
  public var state: ProcessState
  public var parentPID: Int32
  /// Whether this is a kernel thread (flag `PF_KTHREAD`).
  public var isKernelThread: Bool
  /// CPU time of all threads, including ended ones.
  public var cpu: CPUTicks
  /// CPU time of exited children that the process has waited for.
  public var childrenCPU: CPUTicks
  public var threads: Int32
  /// Resident set size in pages.
  ///
  /// It is the kernel's fast count, which may lag by some pages per CPU.
  public var residentPages: UInt64
  public var faults: PageFaults
  /// `nil` if the line has no nice value.
  public var scheduling: ProcessScheduling?

  /// - Throws: ``ProcError/malformed(file:field:)`` with the first missing or invalid field.
  public init(parsing bytes: Span<UInt8>, file: String) throws(ProcError) {
    func require<Value>(_ value: Value?, _ field: String) throws(ProcError) -> Value {
      guard let value else { throw .malformed(file: file, field: field) }
      return value
    }

    var head = Fields(0..<bytes.count)
    let pid = try require(head.unsigned(bytes).flatMap { Int32(exactly: $0) }, "pid")
    // The name may contain anything, even parentheses and newlines. Only numbers follow the last parenthesis.
    guard let open = bytes.indices.first(where: { bytes[$0] == UInt8(ascii: "(") }),
      let close = bytes.indices.last(where: { bytes[$0] == UInt8(ascii: ")") }), open < close
    else { throw .malformed(file: file, field: "comm") }
    name = String(repairing: bytes, open + 1..<close)

    var fields = Fields(close + 1..<bytes.count)
    state = try require(fields.letter(bytes).flatMap(ProcessState.init(letter:)), "state")
    parentPID = try require(fields.signed(bytes).flatMap { Int32(exactly: $0) }, "ppid")
    fields.skip(4, bytes)  // pgrp, session, tty_nr, tpgid
    isKernelThread = try require(fields.unsigned(bytes), "flags") & Self.kernelThreadFlag != 0
    let minorFaults = fields.unsigned(bytes) ?? 0
    fields.skip(1, bytes)  // cminflt
    let majorFaults = fields.unsigned(bytes) ?? 0
    faults = PageFaults(minor: minorFaults, major: majorFaults)
    fields.skip(1, bytes)  // cmajflt
    let user = try require(fields.ticks(bytes), "utime")
    let system = try require(fields.ticks(bytes), "stime")
    cpu = CPUTicks(user: user, system: system)
    let childrenUser = try require(fields.ticks(bytes), "cutime")
    let childrenSystem = try require(fields.ticks(bytes), "cstime")
    childrenCPU = CPUTicks(user: childrenUser, system: childrenSystem)
    fields.skip(1, bytes)  // priority
    let nice = fields.signed(bytes).flatMap { Int8(exactly: $0) }
    threads = try require(fields.signed(bytes).flatMap { Int32(exactly: $0) }, "num_threads")
    fields.skip(1, bytes)  // itrealvalue
    identity = ProcessIdentity(
      pid: pid, startTicks: try require(fields.ticks(bytes), "starttime"))
    fields.skip(1, bytes)  // vsize
    residentPages = min(
      UInt64(max(0, try require(fields.signed(bytes), "rss"))), ProcessMemory.mostPages)
    scheduling = nice.map { ProcessScheduling(nice: $0) }
    fields.skip(14, bytes)  // rsslim to exit_signal, of which the kernel hides most
    scheduling?.processor = fields.signed(bytes).flatMap { Int32(exactly: $0) }
    fields.skip(1, bytes)  // rt_priority
    scheduling?.policy = fields.unsigned(bytes).flatMap(SchedulingPolicy.init(number:))
  }

  /// `PF_KTHREAD` in the kernel's include/linux/sched.h.
  private static let kernelThreadFlag: UInt64 = 0x0020_0000
}
