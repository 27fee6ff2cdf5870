import Linux
import ProcFS

/// The source of samples: the kernel, or a test.
protocol SampleSource: Sendable {
  mutating func sample() throws -> Sample
}

/// Takes samples from the kernel: reads its files and clocks.
struct ProcSampleSource: SampleSource {
  /// The maximum age of a value: each process is read at least this often, even if it does not seem to run.
  private static let oldestValue = Duration.seconds(10)
  /// Rarely changing facts are read once in this many sweeps.
  private static let surroundingsSweeps = 10

  private let procfs: ProcFS
  private var processes: ProcessReader
  private var machine: MachineReader
  private var cgroups: CgroupReader
  private var startClock: StartClockKeeper
  private var surroundings = Surroundings()
  private var sweeps = 0

  /// - Parameters:
  ///   - interval: The intended time between two samples.
  ///   - sys: The mount point of sysfs.
  init(_ procfs: ProcFS, interval: Duration, sys: String = "/sys") {
    self.procfs = procfs
    machine = MachineReader(procfs, sys: sys, prober: MountProber(procfs))
    let turns = Self.oldestValue / interval
    processes = ProcessReader(procfs, turns: Int(turns))
    cgroups = CgroupReader(procfs, folder: "\(sys)/fs/cgroup")
    startClock = StartClockKeeper(procfs.startClockFacts)
  }

  mutating func sample() throws -> Sample {
    let time = Instant.now()
    // Read these counters right after the clock: they advance while the processes are read.
    let system = try? procfs.systemStat()
    let systemDelay = Instant.monotonicNow() - time.monotonic
    let counters = machine.read(at: time.monotonic)
    let sweep = try processes.read(forks: system?.forks)
    if sweeps % Self.surroundingsSweeps == 0 { surroundings = procfs.surroundings() }
    sweeps += 1
    surroundings.cgroup = cgroups.read(at: time.monotonic)
    var sample = Sample(
      time: time, sweep: sweep, system: system, systemDelay: systemDelay,
      surroundings: surroundings, machine: counters)
    sample.startClock = startClock.update(
      at: time, uptime: counters.uptime?.seconds, bootTime: system?.bootTime)
    sample.wallAtEnd = Instant.now().wall
    return sample
  }
}
