import ProcFS

/// What the CPU counters of /proc/stat say of the time between two readings.
///
/// CPUs cannot have been busy, idle and stolen for longer than time passed. Counters that say so, or that went back, say
/// nothing of the interval: a live migration, a CPU that goes offline and faults of the kernel do that.
///
/// Busy is what was not idle. Kernels that stop the tick of an idle CPU measure idle time to the nanosecond, while the
/// busy modes are sampled at each timer interrupt and miss work that runs between two of them; so the modes only say how
/// the busy time splits. Where all counters together do not account for the time of all CPUs, idle time is not exact
/// either, and busy is the sum of the sampled modes.
enum CPUInterval: Sendable, Equatable {
  /// - `sampledBecause`: Why busy is the sum of the sampled modes; `nil` when it is what was not idle.
  case known(CPUTime, sampledBecause: String?)
  /// Nothing can be said, and why.
  case unknown(String)

  /// - Parameters:
  ///   - elapsed: Nanoseconds between the two readings.
  ///   - blur: Nanoseconds by which that may be wrong, because a reading takes time.
  ///   - past: What the intervals before left; this one adds to it.
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
      // A tick for idle, one for iowait and one for each CPU.
      let most = Int64(2 + now.cpuCount) * Int64(nanoseconds) + blur * Int64(now.cpuCount)
      past.carried = min(max(rest - busy, -most), most)
      var counted = growth.split(busy: busy, tick: Int64(nanoseconds))
      counted.iowait = min(counted.iowait, capacity - busy)
      counted.idle = capacity - busy - counted.iowait
      counted.measured = elapsed
      self = .known(counted, sampledBecause: nil)
    }
  }

  /// By how many ticks the counters changed.
  private struct Growth {
    /// The sampled modes in the order of ``sampledParts``; a small step back is no growth.
    var parts: [Int64]
    /// The part that went back furthest, in ticks below zero.
    var worst: (part: CPUModes.Part, change: Int64)?
    /// Idle and waiting for disks together: the kernel may move time from one to the other afterwards.
    var notBusy: Int64
    var iowait: Int64
    /// The split since boot, for an interval in which no sample hit work.
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

    /// The parts of a busy time, in nanoseconds.
    ///
    /// Stolen time is measured by the hypervisor and stays as it is; the rest splits as it was sampled.
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

  /// How far the counters may move in the time that passed, in ticks.
  private struct Bounds {
    var cpus: ClosedRange<Int>
    var ticks: Double
    /// What all CPUs could do at most.
    var capacity: Double
    /// Each counter is rounded to ticks, each CPU is sampled at a tick of its own, and reading takes time.
    var rounding: Double
    /// By how much sampling may be wrong: six standard deviations of as many samples as there are ticks.
    var chance: Double
    var notIdle: Double

    init(cpus: ClosedRange<Int>, ticks: Double, blur: Double, notBusy: Int64) {
      (self.cpus, self.ticks) = (cpus, ticks)
      capacity = ticks * Double(cpus.upperBound)
      rounding = 4 + (2 + blur) * Double(cpus.upperBound)
      notIdle = min(max(0, capacity - Double(notBusy)), capacity)
      chance = 6 * (notIdle * (1 - notIdle / capacity)).squareRoot()
    }

    /// Why the counters cannot be right.
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
      // Which CPU did what in an interval in which one came or went is known only if all time is accounted for.
      let isTooLittle =
        cpus.count > 1 && all < ticks * Double(cpus.lowerBound) - rounding - chance
      guard isTooMuch || isTooLittle else { return nil }
      return "the CPU counters of /proc/stat grew by \(seconds(all, ticksPerSecond)) while "
        + "\(cpus.upperBound) CPUs had \(seconds(capacity, ticksPerSecond))"
    }

    /// Why idle time may not be exact.
    func doubt(about growth: Growth, _ ticksPerSecond: Double) -> String? {
      if cpus.count > 1 {
        return "the number of CPUs changed between \(cpus.lowerBound) and \(cpus.upperBound)"
      }
      let all = Double(growth.sampled + growth.notBusy)
      // Work that is in step with the timer hides from it, so a tenth of the busy time may be missing.
      let isComplete = all >= capacity - rounding - chance - notIdle / 10
      if isComplete && all > 0 { return nil }
      return "the CPU counters of /proc/stat grew by \(seconds(all, ticksPerSecond)) only while "
        + "\(cpus.upperBound) CPUs had \(seconds(capacity, ticksPerSecond)), so idle time is not exact"
    }

    private func seconds(_ ticks: Double, _ ticksPerSecond: Double) -> String {
      "\((ticks / ticksPerSecond).rounded(places: 2)) s"
    }
  }
}

/// What one interval leaves for those after it.
struct CPUIntervalPast: Sendable, Equatable {
  /// Nanoseconds of busy time that the interval before counted too few (positive) or too many.
  ///
  /// Counters are whole ticks, so that a short interval may seem idle for longer than it was.
  var carried: Int64 = 0
  var evidence = IdleEvidence()
}

/// Whether the idle time of many intervals together can be exact.
///
/// Samples of a busy CPU miss work that runs between two ticks, but not nearly all of it for long. A guest whose idle time
/// is not exact shows busy time that no sample ever hits; a single interval is too short to tell that from chance.
struct IdleEvidence: Sendable, Equatable {
  /// Ticks that were not idle, and those in which a sample hit work.
  ///
  /// Both are halved from time to time, so that a change of the machine shows.
  private var notIdle = 0.0
  private var sampled = 0.0

  /// Ticks after which the sums are halved.
  private static let memory = 10_000.0
  /// The part of the busy time that samples hit at least, over many intervals.
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
    // Six standard deviations of a count that is as large as expected.
    let expected = self.notIdle * Self.leastHit
    guard self.sampled < expected - 6 * expected.squareRoot() else { return nil }
    let (busy, hit) = (self.notIdle / ticksPerSecond, self.sampled / ticksPerSecond)
    return "idle time in /proc/stat left \(busy.rounded(places: 1)) s, but its busy modes grew by "
      + "\(hit.rounded(places: 1)) s only, so idle time is not exact"
  }
}

/// How the busy time of all CPUs was found, and of how much time nothing is known.
struct CPUCounting: Sendable, Equatable {
  /// Why busy was the sum of the sampled modes in the last interval; `nil` when it was what was not idle.
  var sampledBecause: String?
  /// Why nothing is known of the last interval; `nil` when something is.
  var unknownBecause: String?
  /// Seconds of the window that the averages of the CPUs cover.
  var measured = 0.0
  /// Those of them in which busy was the sum of the sampled modes.
  var sampled = 0.0
  /// Seconds of the window of which nothing is known.
  var unknown = 0.0
}
