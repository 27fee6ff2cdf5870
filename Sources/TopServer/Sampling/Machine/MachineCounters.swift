import Linux
import ProcFS

/// What the kernel says of the machine beside processes and CPUs; a part that cannot be read is `nil`.
struct MachineCounters: Sendable, Equatable {
  var memory: MemInfo?
  var load: LoadAverage?
  var uptime: Uptime?
  /// Whole disks, without those that are memory or files.
  var disks: [DiskStats.Device]?
  /// What told whole disks from others; `nil` when there are no disks.
  var diskSource: DiskLayout.Source?
  var network: [NetDev.Interface]?
  var pressure = PressureCounters()
  /// Real file systems that answered, or that answered once and do not now.
  var fileSystems: [FileSystemCounters] = []
}

/// Pressure by resource; all `nil` on a kernel that measures none.
struct PressureCounters: Sendable, Equatable {
  var cpu: Pressure?
  var memory: Pressure?
  var io: Pressure?
}

/// A mounted file system and its newest answer.
struct FileSystemCounters: Sendable, Equatable {
  var mountPoint: String
  /// Everywhere it is mounted, if it is more than once.
  var mountPoints: [String] = []
  var device: String
  var type: String
  /// `nil` when it has never answered.
  var space: FileSystemSpace?
  /// Whether a question to it is not answered yet, long after it was asked.
  var isStalled: Bool
  /// Whether nobody can write to it.
  var isReadOnly = false
}

/// Keeps the machine's counters of the sweep before, so that the next ones give rates.
struct MachineBook: Sendable {
  private var previous: (time: Int64, counters: MachineCounters)?
  private var shortlists = MachineShortlists()

  /// Takes the next counters.
  ///
  /// - Parameter time: Nanoseconds on the monotonic clock.
  mutating func add(_ counters: MachineCounters, at time: Int64) -> MachineUse {
    defer { previous = (time, counters) }
    let seconds = Double(time - (previous?.time ?? time)) / 1e9
    var use = MachineUse(counters, since: previous?.counters, seconds: seconds)
    use.listed = shortlists.choose(use, seconds: max(0, seconds))
    return use
  }
}
