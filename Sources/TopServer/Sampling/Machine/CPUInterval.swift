import ProcFS

/// Interprets the change of the CPU counters in /proc/stat between two readings.
///
/// CPUs cannot be busy, idle and stolen for longer than the elapsed time. Counters that claim so, or that went back,
/// are invalid for the interval: a live migration, a CPU that goes offline and kernel bugs cause this.
///
/// Busy time is the time that was not idle. Kernels that stop the tick of an idle CPU measure idle time in nanoseconds,
/// but sample the busy modes at each timer interrupt and miss work that runs between two of them. So the modes only
/// decide how the busy time is split. When all counters together do not account for the time of all CPUs, idle time is
/// inexact too, and busy time is the sum of the sampled modes.
enum CPUInterval: Sendable, Equatable {
  /// - `sampledBecause`: Why busy time is the sum of the sampled modes; `nil` when it is the time that was not idle.
  case known(CPUTime, sampledBecause: String?)
  /// The counters are invalid, for this reason.
  case unknown(String)

  /// - Parameters:
  ///   - elapsed: Nanoseconds between the two readings.
  ///   - blur: The uncertainty of `elapsed` in nanoseconds, because a reading takes time.
  ///   - past: The state that the previous intervals left; this one updates it.
  init(
    from before: SystemStat, to now: SystemStat, elapsed: Int64, blur: Int64,
    past: inout CPUIntervalPast, ticksPerSecond: Double
  ) {
    let earlier = past.carried
    past.carried = 0
    guard elapsed > 0 else {
      self = .unknown("no time passed between two samples")
      return
    }
    let growth = Growth(from: before, to: now)
    let time = Bounds(
      cpus: min(before.cpuCount, now.cpuCount)...max(before.cpuCount, now.cpuCount),
      ticks: Double(elapsed) * ticksPerSecond / 1e9, blur: Double(blur) * ticksPerSecond / 1e9,
      notBusy: growth.notBusy)
    let nanoseconds = 1e9 / ticksPerSecond
    if let reason = time.objection(to: growth, ticksPerSecond) {
      self = .unknown(reason)
      past.evidence = IdleEvidence()
    } else if let reason = time.doubt(about: growth, ticksPerSecond)
      ?? past.evidence.doubt(adding: growth.sampled, of: time.notIdle, ticksPerSecond)
    {
      var counted = growth.split(
        busy: Int64(growth.sampled) * Int64(nanoseconds), tick: Int64(nanoseconds))
      (counted.measured, counted.sampled) = (elapsed, elapsed)
      self = .known(counted, sampledBecause: reason)
    } else {
      let capacity = elapsed * Int64(now.cpuCount)
      let rest = capacity - growth.notBusy * Int64(nanoseconds) + earlier
      let busy = min(max(0, rest), capacity)
      // One tick for idle, one for iowait and one for each CPU.
      let most = Int64(2 + now.cpuCount) * Int64(nanoseconds) + blur * Int64(now.cpuCount)
      past.carried = min(max(rest - busy, -most), most)
      var counted = growth.split(busy: busy, tick: Int64(nanoseconds))
      counted.iowait = min(counted.iowait, capacity - busy)
      counted.idle = capacity - busy - counted.iowait
      counted.measured = elapsed
      self = .known(counted, sampledBecause: nil)
    }
  }

  /// The change of the counters, in ticks.
  private struct Growth {
    /// The sampled modes in the order of ``sampledParts``; a small step back counts as 0.
    var parts: [Int64]
    /// The part that went back furthest, as a negative number of ticks.
    var worst: (part: CPUModes.Part, change: Int64)?
    /// Idle and iowait together, since the kernel may move time from one to the other afterwards.
    var notBusy: Int64
    var iowait: Int64
    /// The split since boot, for an interval in which no timer interrupt hit any work.
    var usual: [Int64]

    static let sampledParts: [CPUModes.Part] = [
      .user, .nice, .system, .irq, .softirq, .guest, .steal,
    ]

    init(from before: SystemStat, to now: SystemStat) {
      func change(_ part: CPUModes.Part) -> Int64 {
        now.modes.change(of: part, since: before.modes)
      }
      let changes = Self.sampledParts.map { (part: $0, change: change($0)) }
      worst = changes.min { $0.change < $1.change }
      parts = changes.map { max(0, $0.change) }
      iowait = change(.iowait)
      notBusy = change(.idle) + iowait
      usual = Self.sampledParts.dropLast().map { Int64(clamping: now.modes[$0]) }
    }

    var sampled: Int64 { parts.reduce(0, +) }

    /// Splits a busy time into its parts, in nanoseconds.
    ///
    /// The hypervisor measures stolen time, so that part stays as it is; the rest is split in proportion to the
    /// samples.
    func split(busy: Int64, tick: Int64) -> CPUTime {
      let steal = min((parts.last ?? 0) * tick, max(0, busy))
      let sampled = Array(parts.dropLast())
      let weights = [sampled, usual, [0, 0, 1, 0, 0, 0]].first { $0.contains { $0 > 0 } } ?? []
      let split = CPUTime.split(busy - steal, by: weights)
      var time = CPUTime()
      (time.user, time.nice, time.system) = (split[0], split[1], split[2])
      (time.irq, time.softirq, time.guest) = (split[3], split[4], split[5])
      time.steal = steal
      time.iowait = min(max(0, iowait), max(0, notBusy)) * tick
      time.idle = notBusy * tick - time.iowait
      return time
    }
  }

  /// The limits for the change of the counters, in ticks.
  private struct Bounds {
    var cpus: ClosedRange<Int>
    var ticks: Double
    /// The time of all CPUs.
    var capacity: Double
    /// The rounding error: each counter is rounded to ticks, each CPU is sampled at its own tick, and reading takes
    /// time.
    var rounding: Double
    /// The sampling error: six standard deviations, with one sample for each tick.
    var chance: Double
    var notIdle: Double

    init(cpus: ClosedRange<Int>, ticks: Double, blur: Double, notBusy: Int64) {
      (self.cpus, self.ticks) = (cpus, ticks)
      capacity = ticks * Double(cpus.upperBound)
      rounding = 4 + (2 + blur) * Double(cpus.upperBound)
      notIdle = min(max(0, capacity - Double(notBusy)), capacity)
      chance = 6 * (notIdle * (1 - notIdle / capacity)).squareRoot()
    }

    /// Why the counters are invalid.
    func objection(to growth: Growth, _ ticksPerSecond: Double) -> String? {
      if let worst = growth.worst, Double(worst.change) < -rounding {
        return "the counter of \(worst.part) in /proc/stat went back by "
          + seconds(Double(-worst.change), ticksPerSecond)
      }
      if Double(growth.notBusy) < -rounding {
        return "the counters of idle and iowait in /proc/stat went back by "
          + seconds(Double(-growth.notBusy), ticksPerSecond)
      }
      let all = Double(growth.sampled + growth.notBusy)
      let isTooMuch =
        Double(growth.sampled) > capacity + rounding || Double(growth.notBusy) > capacity + rounding
        || all > capacity + rounding + chance
      // When a CPU came or went, each CPU's part is known only if the counters account for all of the time.
      let isTooLittle =
        cpus.count > 1 && all < ticks * Double(cpus.lowerBound) - rounding - chance
      guard isTooMuch || isTooLittle else { return nil }
      return "the CPU counters of /proc/stat grew by \(seconds(all, ticksPerSecond)) while "
        + "\(cpus.upperBound) CPUs had \(seconds(capacity, ticksPerSecond))"
    }

    /// Why idle time may be inexact.
    func doubt(about growth: Growth, _ ticksPerSecond: Double) -> String? {
      if cpus.count > 1 {
        return "the number of CPUs changed between \(cpus.lowerBound) and \(cpus.upperBound)"
      }
      let all = Double(growth.sampled + growth.notBusy)
      // The timer misses work that runs in step with it, so allow a tenth of the busy time to be missing.
      let isComplete = all >= capacity - rounding - chance - notIdle / 10
      if isComplete && all > 0 { return nil }
      return "the CPU counters of /proc/stat grew by only \(seconds(all, ticksPerSecond)) while "
        + "\(cpus.upperBound) CPUs had \(seconds(capacity, ticksPerSecond)), so idle time is not exact"
    }

    private func seconds(_ ticks: Double, _ ticksPerSecond: Double) -> String {
      "\((ticks / ticksPerSecond).rounded(places: 2)) s"
    }
  }
}

/// The state that one interval leaves to the next ones.
struct CPUIntervalPast: Sendable, Equatable {
  /// The rounding error of the previous interval: nanoseconds of busy time that it missed (positive) or added.
  ///
  /// Counters are whole ticks, so a short interval may seem idle for longer than it lasted.
  var carried: Int64 = 0
  var evidence = IdleEvidence()
}

/// Decides whether the idle time of many intervals together can be exact.
///
/// Samples of a busy CPU miss work that runs between two ticks, but over many intervals they hit part of it. A guest
/// with inexact idle time shows busy time that no sample ever hits. A single interval is too short to tell that from
/// chance.
struct IdleEvidence: Sendable, Equatable {
  /// Ticks that were not idle, and ticks in which a sample hit work.
  ///
  /// Both are halved from time to time, so that a change of the machine shows.
  private var notIdle = 0.0
  private var sampled = 0.0

  /// Ticks after which the sums are halved.
  private static let memory = 10_000.0
  /// The minimum share of the busy time that samples hit over many intervals.
  private static let leastHit = 0.25

  /// Adds an interval.
  ///
  /// - Returns: Why the idle time of the latest intervals cannot be exact; `nil` when it can.
  mutating func doubt(adding sampled: Int64, of notIdle: Double, _ ticksPerSecond: Double)
    -> String?
  {
    self.notIdle += notIdle
    self.sampled += Double(sampled)
    if self.notIdle > Self.memory {
      self.notIdle /= 2
      self.sampled /= 2
    }
    // Six standard deviations of a count with that expected value.
    let expected = self.notIdle * Self.leastHit
    guard self.sampled < expected - 6 * expected.squareRoot() else { return nil }
    let (busy, hit) = (self.notIdle / ticksPerSecond, self.sampled / ticksPerSecond)
    return "idle time in /proc/stat left \(busy.rounded(places: 1)) s, but its busy modes grew by "
      + "only \(hit.rounded(places: 1)) s, so idle time is not exact"
  }
}

/// How the busy time of all CPUs was determined, and for how much time it is unknown.
struct CPUCounting: Sendable, Equatable {
  /// Why busy time was the sum of the sampled modes in the last interval; `nil` when it was the time that was not idle.
  var sampledBecause: String?
  /// Why the busy time of the last interval is unknown; `nil` when it is known.
  var unknownBecause: String?
  /// Seconds of the window that the CPU averages cover.
  var measured = 0.0
  /// Seconds of ``measured`` in which busy time was the sum of the sampled modes.
  var sampled = 0.0
  /// Seconds of the window for which busy time is unknown.
  var unknown = 0.0
}
