import Linux
import ProcFS

/// The kernel's counters for the machine, apart from processes and CPUs; an unreadable part is `nil`.
struct MachineCounters: Sendable, Equatable {
  var memory: MemInfo?
  var load: LoadAverage?
  var uptime: Uptime?
  /// Whole disks, without RAM disks and loop devices.
  var disks: [DiskStats.Device]?
  /// The source that identified whole disks; `nil` when there are no disks.
  var diskSource: DiskLayout.Source?
  var network: [NetDev.Interface]?
  var pressure = PressureCounters()
  /// Real file systems that have answered at least once, or stalled.
  var fileSystems: [FileSystemCounters] = []
}

/// Pressure by resource; all `nil` on a kernel that does not measure pressure.
struct PressureCounters: Sendable, Equatable {
  var cpu: Pressure?
  var memory: Pressure?
  var io: Pressure?
}

/// A mounted file system and its newest answer.
struct FileSystemCounters: Sendable, Equatable {
  var mountPoint: String
  /// Every mount point, if there are several.
  var mountPoints: [String] = []
  var device: String
  var type: String
  /// `nil` when the file system has never answered.
  var space: FileSystemSpace?
  /// Whether a query has been unanswered for too long.
  var isStalled: Bool
  /// Whether the file system itself is read-only, not just a mount of it.
  var isReadOnly = false
}

/// Keeps the machine's counters of the previous sweep to compute rates.
struct MachineBook: Sendable {
  private var previous: (time: Int64, counters: MachineCounters)?
  private var shortlists = MachineShortlists()

  /// Computes the machine's use from the next counters.
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
