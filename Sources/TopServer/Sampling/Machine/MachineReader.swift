import Linux
import ProcFS

/// Reads the kernel's counters for the machine, each file once per sweep; a failure never ends the sweep.
struct MachineReader: Sendable {
  /// Nanoseconds between two listings of the disks, which rarely change.
  private static let listingPeriod: Int64 = 10_000_000_000

  private let procfs: ProcFS
  private let sys: String
  private let prober: MountProber
  /// The path is chosen once: the counters of another network namespace would look like a jump.
  private let netDev: String
  private var devices: BlockDevices?
  private var layout: DiskLayout?
  private var nextListing = Int64.min

  /// - Parameter sys: The mount point of sysfs, which describes the disks.
  init(_ procfs: ProcFS, sys: String, prober: MountProber) {
    self.procfs = procfs
    self.sys = sys
    self.prober = prober
    netDev = procfs.netDevFile()
    // Start the first round now, so that the first sweep may already have answers.
    _ = prober.latest()
  }

  /// - Parameter time: Nanoseconds on the monotonic clock.
  mutating func read(at time: Int64) -> MachineCounters {
    var counters = MachineCounters()
    counters.disks = disks(at: time)
    counters.diskSource = counters.disks.flatMap { $0.isEmpty ? nil : layout?.source }
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
    guard let stats = try? procfs.diskStats() else { return nil }
    if time >= nextListing {
      if let listed = try? BlockDevices(sys: sys) { devices = listed }
      layout = DiskLayout(devices, listed: stats.devices.map(\.name))
      nextListing = time + Self.listingPeriod
    }
    return layout?.disks(stats.devices) ?? []
  }
}
