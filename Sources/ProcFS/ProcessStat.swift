/// One line of /proc/PID/stat.
///
/// See proc_pid_stat(5).
public struct ProcessStat: Sendable, Equatable {
  public var identity: ProcessIdentity
  /// The command name (comm), at most 15 bytes for a program; bytes that are no UTF-8 became U+FFFD.
  public var name: String
  public var state: ProcessState
  public var parentPID: Int32
  /// True for a thread of the kernel itself (`PF_KTHREAD` among the flags).
  public var isKernelThread: Bool
  /// CPU time of all its threads, ended ones too, in clock ticks.
  public var cpu: CPUTicks
  /// CPU time of the children that ended and that it waited for, in clock ticks.
  public var childrenCPU: CPUTicks
  public var threads: Int32
  /// Resident set size in pages; the kernel's quick count, which may lag by some pages per CPU.
  public var residentPages: UInt64

  /// - Throws: ``ProcError/malformed(file:field:)`` with the first field that is missing or no number.
  public init(parsing bytes: Span<UInt8>, file: String) throws(ProcError) {
    func require<Value>(_ value: Value?, _ field: String) throws(ProcError) -> Value {
      guard let value else { throw .malformed(file: file, field: field) }
      return value
    }

    var head = Fields(0..<bytes.count)
    let pid = try require(head.unsigned(bytes).flatMap { Int32(exactly: $0) }, "pid")
    // The name may hold anything, parentheses and newlines too; what follows the last one is only numbers.
    guard let open = bytes.indices.first(where: { bytes[$0] == UInt8(ascii: "(") }),
      let close = bytes.indices.last(where: { bytes[$0] == UInt8(ascii: ")") }), open < close
    else { throw .malformed(file: file, field: "comm") }
    name = String(repairing: bytes, open + 1..<close)

    var fields = Fields(close + 1..<bytes.count)
    state = try require(fields.letter(bytes).flatMap(ProcessState.init(letter:)), "state")
    parentPID = try require(fields.signed(bytes).flatMap { Int32(exactly: $0) }, "ppid")
    fields.skip(4, bytes)  // pgrp, session, tty_nr, tpgid
    isKernelThread = try require(fields.unsigned(bytes), "flags") & Self.kernelThreadFlag != 0
    fields.skip(4, bytes)  // minflt, cminflt, majflt, cmajflt
    let user = try require(fields.ticks(bytes), "utime")
    let system = try require(fields.ticks(bytes), "stime")
    cpu = CPUTicks(user: user, system: system)
    let childrenUser = try require(fields.ticks(bytes), "cutime")
    let childrenSystem = try require(fields.ticks(bytes), "cstime")
    childrenCPU = CPUTicks(user: childrenUser, system: childrenSystem)
    fields.skip(2, bytes)  // priority, nice
    threads = try require(fields.signed(bytes).flatMap { Int32(exactly: $0) }, "num_threads")
    fields.skip(1, bytes)  // itrealvalue
    identity = ProcessIdentity(
      pid: pid, startTicks: try require(fields.ticks(bytes), "starttime"))
    fields.skip(1, bytes)  // vsize
    residentPages = min(
      UInt64(max(0, try require(fields.signed(bytes), "rss"))), ProcessMemory.mostPages)
  }

  /// `PF_KTHREAD` of the kernel's include/linux/sched.h.
  private static let kernelThreadFlag: UInt64 = 0x0020_0000
}
