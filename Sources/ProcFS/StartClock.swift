public import Linux

/// Where the clock that process start times count in has its zero, on our own clocks.
///
/// A start time is a number of ticks on that clock; see proc_pid_stat(5), field (22).
public struct StartClock: Sendable, Equatable {
  /// Milliseconds since the epoch at that zero.
  ///
  /// Whole milliseconds, so that a start time has one text wherever it is shown or recorded.
  public var epochMilliseconds: Int64
  /// Nanoseconds on our `CLOCK_BOOTTIME` at that zero: 0 where the tree counts on the clock that we count on.
  public var sinceBoot: Int64

  public init(epochMilliseconds: Int64, sinceBoot: Int64 = 0) {
    self.epochMilliseconds = epochMilliseconds
    self.sinceBoot = sinceBoot
  }

  /// The clock of our own kernel and time namespace, as it is now.
  public init(at now: Instant) {
    self.init(nanoseconds: now.wall - now.sinceBoot)
  }

  init(nanoseconds: Int64, sinceBoot: Int64 = 0) {
    let rounded = (Double(nanoseconds) / 1e6).rounded()
    self.init(epochMilliseconds: Int64(rounded), sinceBoot: sinceBoot)
  }
}

/// What a tree says of the clock that its start times count in.
public struct StartClockFacts: Sendable, Equatable {
  /// Whether the tree is the kernel's own and no folder of files; see ``ProcFS/isKernelsOwn``.
  public var isKernelsOwn = true
  /// Nanoseconds that our time namespace adds to `CLOCK_BOOTTIME`; see ``ProcFS/timeNamespaceOffset()``.
  public var namespaceOffset: Int64 = 0

  public init(isKernelsOwn: Bool = true, namespaceOffset: Int64 = 0) {
    self.isKernelsOwn = isKernelsOwn
    self.namespaceOffset = namespaceOffset
  }
}

/// Finds the ``StartClock`` of a tree and keeps it still: a start time must not tremble from sample to sample.
///
/// - The kernel's own tree: start times count on the `CLOCK_BOOTTIME` of the reader, in any time namespace, and
///   whatever `btime` and /proc/uptime say; LXCFS replaces both of them by those of a container.
/// - The kernel's own tree in a time namespace on Linux 5.6 to 5.10: only the clock was shifted there, and neither start
///   times nor `btime` were, so a `btime` off by the namespace's offset shows such a kernel.
/// - A tree of files that agrees with our wall clock is that of another machine that runs: its /proc/uptime counts.
/// - Any other tree of files was recorded: its `btime` counts, or its uptime when it was seen first.
///
/// See time_namespaces(7).
public struct StartClockKeeper: Sendable {
  /// Nanoseconds by which the wall clock must have been set before start times follow: more than readings tremble.
  private static let step: Int64 = 2_000_000
  /// The same for a clock that is read from a file, which counts in hundredths of a second.
  private static let stepOfFile: Int64 = 50_000_000
  /// Nanoseconds by which whole seconds, rounded down, and a slow reader may differ from a clock.
  private static let agreement: Int64 = 2_000_000_000

  private let facts: StartClockFacts
  private var current: StartClock?
  private var uptime: Double?

  public init(_ facts: StartClockFacts = StartClockFacts()) {
    self.facts = facts
  }

  /// Takes what one sample found.
  ///
  /// - Parameters:
  ///   - uptime: /proc/uptime of the tree, in seconds; `nil` when it could not be read.
  ///   - bootTime: `btime` of its /proc/stat, in seconds since the epoch; `nil` when it has none.
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
    guard !facts.isKernelsOwn else { return (kernels(now, boot), Self.step) }
    if let uptime, let length = Self.nanoseconds(uptime) {
      let zero = now.wall - length
      guard let boot else {
        // A file that stands still says when it was recorded, and nothing new.
        if let current, uptime == self.uptime { return (current, Self.stepOfFile) }
        return (StartClock(nanoseconds: zero), Self.stepOfFile)
      }
      if abs(zero - boot) <= Self.agreement {
        return (StartClock(nanoseconds: zero, sinceBoot: now.sinceBoot - length), Self.stepOfFile)
      }
    }
    return (boot.map { StartClock(nanoseconds: $0) } ?? StartClock(at: now), Self.step)
  }

  private func kernels(_ now: Instant, _ boot: Int64?) -> StartClock {
    let zero = now.wall - now.sinceBoot
    let unshifted = zero + facts.namespaceOffset
    if facts.namespaceOffset != 0, let boot, abs(boot - zero) > Self.agreement,
      abs(boot - unshifted) <= Self.agreement
    {
      return StartClock(nanoseconds: unshifted, sinceBoot: facts.namespaceOffset)
    }
    return StartClock(nanoseconds: zero)
  }

  /// - Returns: `nil` for what is no time since the epoch or since boot, such as a million years.
  private static func nanoseconds(_ seconds: Double) -> Int64? {
    seconds >= 0 && seconds < 4e9 ? Int64(seconds * 1e9) : nil
  }

  private static func nanoseconds(_ seconds: UInt64) -> Int64? { nanoseconds(Double(seconds)) }
}

extension ProcFS {
  /// What decides which clock the start times of this tree count in.
  public var startClockFacts: StartClockFacts {
    StartClockFacts(isKernelsOwn: isKernelsOwn, namespaceOffset: timeNamespaceOffset())
  }

  /// Nanoseconds that our time namespace adds to `CLOCK_BOOTTIME`; 0 on a kernel without such namespaces.
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
