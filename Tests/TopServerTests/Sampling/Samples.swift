import Linux
import ProcFS

@testable import TopServer

/// One process in a test.
struct Process {
  var pid: Int32 = 1
  var start: UInt64 = 0
  var name = "worker"
  var state = ProcessState.sleeping
  var parent: Int32 = 1
  var uid: UInt32 = 0
  var user: UInt64 = 0
  var system: UInt64 = 0
  var childrenUser: UInt64 = 0
  var childrenSystem: UInt64 = 0
  var kernel = false

  var entry: ProcessEntry {
    let line =
      "\(pid) (\(name)) S \(parent) 0 0 0 0 \(kernel ? 2_097_152 : 0) 0 0 0 0 \(user) \(system) "
      + "\(childrenUser) \(childrenSystem) 20 0 1 0 \(start) 0 2"
    // This line always parses; if not, every test that uses it fails.
    var stat = (try? ProcessStat(parsing: Array(line.utf8).span, file: "test")).unsafelyMade
    stat.state = state
    return ProcessEntry(stat: stat, uid: uid)
  }
}

extension Optional where Wrapped == ProcessStat {
  fileprivate var unsafelyMade: ProcessStat {
    guard let self else { preconditionFailure("the test's own line does not parse") }
    return self
  }
}

extension Sample {
  /// A sample some seconds after boot, with the processes in order of pid.
  static func at(
    _ seconds: Double, suspended: Double = 0, cpus: Int = 2, busy: UInt64 = 0, forks: UInt64 = 0,
    _ processes: [Process]
  ) -> Sample {
    let monotonic = Int64(seconds * 1e9)
    return Sample(
      time: Instant(
        monotonic: monotonic, sinceBoot: monotonic + Int64(suspended * 1e9),
        wall: 1_700_000_000_000_000_000 + monotonic),
      sweep: ProcessSweep(processes: processes.sorted { $0.pid < $1.pid }.map(\.entry)),
      system: .test(cpus: cpus, busy: busy, forks: forks))
  }
}

extension SystemStat {
  /// The content of /proc/stat after this many ticks in user mode.
  static func test(cpus: Int, busy: UInt64 = 0, forks: UInt64 = 0) -> SystemStat {
    let lines = (0..<cpus).map { "cpu\($0) 0 0 0 0\n" }.joined()
    let text = "cpu  \(busy) 0 0 1000000\n\(lines)btime 1700000000\nprocesses \(forks)\n"
    guard let stat = try? SystemStat(parsing: Array(text.utf8).span, file: "stat") else {
      preconditionFailure("the test's own text does not parse")
    }
    return stat
  }
}

extension Window {
  /// A window with 100 ticks a second and pages of 4 KiB.
  static func test(seconds: Double = 60) -> Window {
    Window(
      length: .seconds(seconds), interval: .seconds(1), ticksPerSecond: 100, pageSize: 4096)
  }
}

extension Snapshot {
  func row(_ pid: Int32) -> ProcessRow? { processes.first { $0.identity.pid == pid } }
}
