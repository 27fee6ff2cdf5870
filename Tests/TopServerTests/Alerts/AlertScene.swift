import Linux
import ProcFS

@testable import TopServer

extension Instant {
  /// Seconds after boot.
  static func at(_ seconds: Double, wallAhead: Double = 0) -> Instant {
    let boot = Int64(seconds * 1e9)
    return Instant(
      monotonic: boot, sinceBoot: boot,
      wall: 1_700_000_000_000_000_000 + boot + Int64(wallAhead * 1e9))
  }
}

extension Snapshot {
  /// A snapshot some seconds after boot.
  ///
  /// - Parameter cpu: Busy share of the two CPUs; `nil` when /proc/stat could not be read.
  static func test(
    at time: Instant, cpu: Double? = 0, interval: Double? = 1, _ processes: [ProcessRow] = [],
    host: MachineUse = MachineUse()
  ) -> Snapshot {
    var snapshot = Snapshot(
      sequence: 1, time: time, cpuCount: 2, interval: interval, window: interval,
      processes: processes, skipped: SkippedProcesses())
    snapshot.recentUse = cpu.map { .test(busy: $0) }
    snapshot.machine = host
    return snapshot
  }
}

extension SystemUse {
  /// One second of two CPUs whose busy time one process explains.
  static func test(busy share: Double, explained: Double = 1) -> SystemUse {
    var totals = LedgerBook.Totals()
    totals.cpu.measured = 1_000_000_000
    totals.cpu.user = Int64((share * 2e9).rounded())
    totals.cpu.idle = 2_000_000_000 - totals.cpu.user
    totals.processes = UInt64((share * 2000 * explained).rounded())
    guard let use = SystemUse(totals, ticksPerSecond: 1000) else {
      preconditionFailure("a second was measured")
    }
    return use
  }
}

extension ProcessRow {
  /// - Parameters:
  ///   - recent: CPUs that it used since the previous sweep.
  ///   - children: CPUs that its ended children used since then.
  static func test(
    _ pid: Int32, _ name: String = "worker", start: UInt64 = 0, parent: Int32 = 1,
    recent: Double? = 0, children: Double = 0
  ) -> ProcessRow {
    ProcessRow(
      identity: ProcessIdentity(pid: pid, startTicks: start), name: name, state: .sleeping,
      parentPID: parent, uid: 0, isKernelThread: false, threads: 1, residentBytes: 0,
      startTime: 1_700_000_000 + Double(start) / 100,
      recent: recent.map { CPUShare(user: $0, system: 0) },
      childrenRecent: recent.map { _ in CPUShare(user: children, system: 0) })
  }
}

/// A book that receives one snapshot a second, and its logged steps.
struct AlertScene {
  var book: AlertBook
  /// The time of the newest snapshot in seconds after boot.
  private(set) var seconds: Double
  /// The seconds by which the wall clock was set forward.
  var wallAhead = 0.0
  private(set) var said: [String] = []

  init(_ rules: [AlertRule], memory: AlertMemory = AlertMemory(), from seconds: Double = 1000) {
    self.seconds = seconds
    book = AlertBook(rules: rules, interval: .seconds(1), memory: memory, at: .at(seconds))
  }

  /// One rule for the CPU, without a mean: above 75 % for 30 s, clears at 65 % for 5 s.
  static func cpu(memory: AlertMemory = AlertMemory()) -> AlertScene {
    AlertScene([.test()], memory: memory)
  }

  /// Seconds since the scene began.
  var elapsed: Double { seconds - 1000 }

  /// The time of the newest snapshot.
  var now: Instant { .at(seconds, wallAhead: wallAhead) }

  /// Adds one snapshot for each second, all with the same values.
  @discardableResult
  mutating func run(
    _ count: Int, cpu: Double?, _ processes: [ProcessRow] = [], host: MachineUse = MachineUse()
  ) -> AlertScene {
    for _ in 0..<count {
      seconds += 1
      evaluate(.test(at: now, cpu: cpu, processes, host: host))
    }
    return self
  }

  /// Skips some time without a snapshot.
  mutating func pause(_ pause: Double) { seconds += pause }

  mutating func evaluate(_ snapshot: Snapshot) {
    for transition in book.evaluate(snapshot, at: snapshot.time) {
      said.append("\(LogText.number(elapsed)) \(transition.step.word)")
    }
  }
}

extension AlertMetric {
  static let memory = known("memory")
  static let swap = known("swap")
  static let coverage = known("coverage")
}

extension AlertRule {
  static func test(
    _ metric: AlertMetric = .cpu, side: Side = .above, threshold: Double = 0.75,
    clear: Double = 0.65, over averaging: Duration = .zero, hold: Duration = .seconds(30)
  ) -> AlertRule {
    AlertRule(
      name: "test", metric: metric, side: side, threshold: threshold, clear: clear,
      averaging: averaging, hold: hold)
  }
}

extension AlertProgress.Step {
  fileprivate var word: String {
    switch self {
    case .pending: "pending"
    case .cancelled: "cancelled"
    case .fired: "fired"
    case .resolved(let alert): "resolved after \(LogText.number(alert.seconds))"
    case .lost(let reason): "lost: \(reason)"
    case .found(let seconds): "found after \(LogText.number(seconds))"
    }
  }
}
