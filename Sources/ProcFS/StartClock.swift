public import Linux

/// Relates the clock of process start times to our clocks.
///
/// A start time is a number of ticks on that clock; see proc_pid_stat(5), field (22).
public struct StartClock: Sendable, Equatable {
  /// The zero of that clock in milliseconds since the epoch.
  ///
  /// It is a whole number, so that a start time has the same text wherever it is shown or recorded.
  public var epochMilliseconds: Int64
  /// The zero of that clock on our `CLOCK_BOOTTIME`, in nanoseconds; 0 if both clocks are the same.
  public var sinceBoot: Int64

  public init(epochMilliseconds: Int64, sinceBoot: Int64 = 0) {
    self.epochMilliseconds = epochMilliseconds
    self.sinceBoot = sinceBoot
  }

  /// The current clock of our own kernel and time namespace.
  public init(at now: Instant) {
    self.init(nanoseconds: now.wall - now.sinceBoot)
  }

  init(nanoseconds: Int64, sinceBoot: Int64 = 0) {
    let rounded = (Double(nanoseconds) / 1e6).rounded()
    self.init(epochMilliseconds: Int64(rounded), sinceBoot: sinceBoot)
  }
}

/// Properties of a tree that determine the clock of its start times.
public struct StartClockFacts: Sendable, Equatable {
  /// Whether the tree is a real proc file system; see ``ProcFS/isKernelsOwn``.
  public var isKernelsOwn = true
  /// The offset that our time namespace adds to `CLOCK_BOOTTIME`, in nanoseconds; see ``ProcFS/timeNamespaceOffset()``.
  public var namespaceOffset: Int64 = 0

  public init(isKernelsOwn: Bool = true, namespaceOffset: Int64 = 0) {
    self.isKernelsOwn = isKernelsOwn
    self.namespaceOffset = namespaceOffset
  }
}

/// Determines the ``StartClock`` of a tree and keeps it stable, so that start times do not jitter between samples.
///
/// - A real proc file system: start times use the reader's `CLOCK_BOOTTIME`, in any time namespace, whatever `btime`
///   and /proc/uptime contain; LXCFS replaces both with those of a container.
/// - A real proc file system in a time namespace on Linux 5.6 to 5.10: these kernels shift the clock but neither start
///   times nor `btime`. A `btime` that is off by the namespace's offset reveals such a kernel.
/// - A tree of files that agrees with our wall clock belongs to another running machine: its /proc/uptime is used.
/// - Any other tree of files is a recording: its `btime` is used, or its uptime at the first sample.
///
/// See time_namespaces(7).
public struct StartClockKeeper: Sendable {
  /// Changes of the wall clock below this, in nanoseconds, are jitter and do not move start times.
  private static let step: Int64 = 2_000_000
  /// The same limit for a clock from a file, which has a resolution of 10 ms.
  private static let stepOfFile: Int64 = 50_000_000
  /// The largest difference, in nanoseconds, at which a file agrees with a clock: whole seconds, rounded down, and a
  /// slow read.
  private static let agreement: Int64 = 2_000_000_000

  private let facts: StartClockFacts
  private var current: StartClock?
  private var uptime: Double?

  public init(_ facts: StartClockFacts = StartClockFacts()) {
    self.facts = facts
  }

  /// Updates the clock from one sample.
  ///
  /// - Parameters:
  ///   - uptime: /proc/uptime of the tree in seconds; `nil` if it could not be read.
  ///   - bootTime: `btime` of its /proc/stat, in seconds since the epoch; `nil` if it is missing.
  public mutating func update(
    at now: Instant, uptime: Double?, bootTime: UInt64?
  ) -> StartClock {
    let (newest, step) = clock(at: now, uptime: uptime, bootTime: bootTime)
    defer { self.uptime = uptime }
    if let current, isNear(current, newest, within: step) { return current }
    current = newest
    return newest
  }

  private func isNear(_ left: StartClock, _ right: StartClock, within step: Int64) -> Bool {
    let moved = abs(left.epochMilliseconds - right.epochMilliseconds) * 1_000_000
    return moved <= step && abs(left.sinceBoot - right.sinceBoot) <= step
  }

  private func clock(
    at now: Instant, uptime: Double?, bootTime: UInt64?
  ) -> (clock: StartClock, step: Int64) {
    let boot = bootTime.flatMap(Self.nanoseconds)
    guard !facts.isKernelsOwn else { return (kernelClock(now, boot), Self.step) }
    if let uptime, let length = Self.nanoseconds(uptime) {
      let zero = now.wall - length
      guard let boot else {
        // An unchanged file shows when it was recorded and adds nothing new.
        if let current, uptime == self.uptime { return (current, Self.stepOfFile) }
        return (StartClock(nanoseconds: zero), Self.stepOfFile)
      }
      if abs(zero - boot) <= Self.agreement {
        return (StartClock(nanoseconds: zero, sinceBoot: now.sinceBoot - length), Self.stepOfFile)
      }
    }
    return (boot.map { StartClock(nanoseconds: $0) } ?? StartClock(at: now), Self.step)
  }

  private func kernelClock(_ now: Instant, _ boot: Int64?) -> StartClock {
    let zero = now.wall - now.sinceBoot
    let unshifted = zero + facts.namespaceOffset
    if facts.namespaceOffset != 0, let boot, abs(boot - zero) > Self.agreement,
      abs(boot - unshifted) <= Self.agreement
    {
      return StartClock(nanoseconds: unshifted, sinceBoot: facts.namespaceOffset)
    }
    return StartClock(nanoseconds: zero)
  }

  /// - Returns: `nil` for an implausible time, such as a million years.
  private static func nanoseconds(_ seconds: Double) -> Int64? {
    seconds >= 0 && seconds < 4e9 ? Int64(seconds * 1e9) : nil
  }

  private static func nanoseconds(_ seconds: UInt64) -> Int64? { nanoseconds(Double(seconds)) }
}

extension ProcFS {
  /// The properties that determine the clock of this tree's start times.
  public var startClockFacts: StartClockFacts {
    StartClockFacts(isKernelsOwn: isKernelsOwn, namespaceOffset: timeNamespaceOffset())
  }

  /// The offset that our time namespace adds to `CLOCK_BOOTTIME`, in nanoseconds; 0 on a kernel without time
  /// namespaces.
  ///
  /// See time_namespaces(7), /proc/PID/timens_offsets.
  func timeNamespaceOffset() -> Int64 {
    guard let bytes = try? contents(of: "self/timens_offsets") else { return 0 }
    var lines = Lines()
    while let line = lines.next(bytes.span) {
      guard bytes.span.begins("boottime", at: line.lowerBound) else { continue }
      var fields = Fields(line.lowerBound + "boottime".utf8.count..<line.upperBound)
      guard let seconds = fields.signed(bytes.span), let nanoseconds = fields.signed(bytes.span),
        abs(seconds) < 4_000_000_000, abs(nanoseconds) < 1_000_000_000
      else { return 0 }
      return seconds * 1_000_000_000 + nanoseconds
    }
    return 0
  }
}
