import Linux
import ProcFS

/// Reads what the kernel counts of the host, each file once a sweep; none of them can end the sweep.
struct HostReader: Sendable {
  /// Disks come and go seldom, in nanoseconds.
  private static let listingPeriod: Int64 = 10_000_000_000

  private let procfs: ProcFS
  private let sys: String
  private let prober: MountProber
  /// Chosen once: counters of another network namespace would look like a great leap.
  private let netDev: String
  private var devices = BlockDevices(whole: [])
  private var nextListing = Int64.min

  /// - Parameter sys: Where sysfs is mounted, which knows the whole disks.
  init(_ procfs: ProcFS, sys: String, prober: MountProber) {
    self.procfs = procfs
    self.sys = sys
    self.prober = prober
    netDev = procfs.netDevFile()
    // The first answers may be there before the first sweep is done.
    _ = prober.latest()
  }

  /// - Parameter time: Nanoseconds on the monotonic clock.
  mutating func read(at time: Int64) -> HostCounters {
    var counters = HostCounters()
    counters.disks = disks(at: time)
    counters.network = try? procfs.netDev(netDev).interfaces
    counters.pressure = PressureCounters(
      cpu: try? procfs.pressure(on: "cpu"), memory: try? procfs.pressure(on: "memory"),
      io: try? procfs.pressure(on: "io"))
    counters.memory = try? procfs.memInfo()
    counters.load = try? procfs.loadAverage()
    counters.uptime = try? procfs.uptime()
    counters.fileSystems = prober.latest()
    return counters
  }

  private mutating func disks(at time: Int64) -> [DiskStats.Device]? {
    if time >= nextListing {
      if let listed = try? BlockDevices(sys: sys) { devices = listed }
      nextListing = time + Self.listingPeriod
    }
    guard let stats = try? procfs.diskStats() else { return nil }
    return stats.devices.filter { devices.whole.contains($0.name) && !$0.isPseudo }
  }
}
