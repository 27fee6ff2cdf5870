import ProcFS

/// The time of all CPUs since boot by mode, in seconds, with the kernel's names.
struct CPUSeconds: Sendable, Equatable {
  var user: Double
  var nice: Double
  var system: Double
  var idle: Double
  var iowait: Double
  var irq: Double
  var softirq: Double
  var steal: Double
  /// Time in which a hypervisor's guests ran, which ``user`` and ``nice`` do not include.
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
