import Linux
import ProcFS

/// Where samples come from: the kernel, or a test.
protocol SampleSource: Sendable {
  mutating func sample() throws -> Sample
}

/// The rim of the machine: reads the files and the clocks.
struct ProcSampleSource: SampleSource {
  /// What changes seldom is read in one sweep of this many.
  private static let surroundingsSweeps = 10

  private let procfs: ProcFS
  private var processes: ProcessReader
  private var surroundings = Surroundings()
  private var sweeps = 0

  init(_ procfs: ProcFS) {
    self.procfs = procfs
    processes = ProcessReader(procfs)
  }

  mutating func sample() throws -> Sample {
    let time = Instant.now()
    // Next to the time: these counters move while the processes are read.
    let system = try? procfs.systemStat()
    let sweep = try processes.read(forks: system?.forks)
    if sweeps % Self.surroundingsSweeps == 0 { surroundings = procfs.surroundings() }
    sweeps += 1
    return Sample(time: time, sweep: sweep, system: system, surroundings: surroundings)
  }
}
