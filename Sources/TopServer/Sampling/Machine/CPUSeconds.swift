import ProcFS

/// Where the time of all CPUs went since boot, in seconds, by the kernel's names.
struct CPUSeconds: Sendable, Equatable {
  var user: Double
  var nice: Double
  var system: Double
  var idle: Double
  var iowait: Double
  var irq: Double
  var softirq: Double
  var steal: Double
  /// Time in which guests of a hypervisor ran, which is not in ``user`` and ``nice`` again.
  var guest: Double

  init(_ modes: CPUModes, ticksPerSecond: Double) {
    user = Double(modes.user) / ticksPerSecond
    nice = Double(modes.nice) / ticksPerSecond
    system = Double(modes.system) / ticksPerSecond
    idle = Double(modes.idle) / ticksPerSecond
    iowait = Double(modes.iowait) / ticksPerSecond
    irq = Double(modes.irq) / ticksPerSecond
    softirq = Double(modes.softirq) / ticksPerSecond
    steal = Double(modes.steal) / ticksPerSecond
    guest = Double(modes.guest) / ticksPerSecond
  }
}
