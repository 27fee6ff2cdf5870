import Linux
import ProcFS

/// Where samples come from: the kernel, or a test.
protocol SampleSource: Sendable {
  mutating func sample() throws -> Sample
}

/// The rim of the machine: reads the files and the clocks.
struct ProcSampleSource: SampleSource {
  private let procfs: ProcFS
  private var processes: ProcessReader

  init(_ procfs: ProcFS) {
    self.procfs = procfs
    processes = ProcessReader(procfs)
  }

  mutating func sample() throws -> Sample {
    let time = Instant.now()
    let sweep = try processes.read()
    return Sample(time: time, sweep: sweep, system: try procfs.systemStat())
  }
}
