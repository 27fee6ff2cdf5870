/// Where the time of all CPUs went since boot, in clock ticks, by the kernel's names.
///
/// See proc_stat(5). The kernel adds `guest` to `user` and `guest_nice` to `nice`; here they are taken out again, so that
/// the parts add up and nothing is counted twice.
public struct CPUModes: Sendable, Equatable {
  public var user: UInt64 = 0
  public var nice: UInt64 = 0
  public var system: UInt64 = 0
  public var idle: UInt64 = 0
  public var iowait: UInt64 = 0
  public var irq: UInt64 = 0
  public var softirq: UInt64 = 0
  public var steal: UInt64 = 0
  /// Time in which guests of a hypervisor ran, whatever their niceness.
  public var guest: UInt64 = 0

  public init() {}

  /// All parts, which is the time of all CPUs.
  public var total: UInt64 { busy + idle + iowait }

  /// The time in which CPUs did something, or another guest of the hypervisor did it in our place.
  public var busy: UInt64 { user + nice + system + irq + softirq + steal + guest }

  /// How much each part grew since an earlier reading.
  ///
  /// A part that went back did not grow: `iowait` and `idle` do that on some kernels, and all of them when a CPU goes
  /// offline.
  public func growth(since earlier: CPUModes) -> CPUModes {
    var growth = CPUModes()
    for part in Self.parts {
      let (now, then) = (self[keyPath: part], earlier[keyPath: part])
      growth[keyPath: part] = now > then ? now - then : 0
    }
    return growth
  }

  /// Adds each part.
  public static func += (left: inout CPUModes, right: CPUModes) {
    for part in parts { left[keyPath: part] += right[keyPath: part] }
  }

  private static var parts: [WritableKeyPath<CPUModes, UInt64>] {
    [
      \.user, \.nice, \.system, \.idle, \.iowait, \.irq, \.softirq, \.steal, \.guest,
    ]
  }
}

extension CPUModes {
  /// The ten numbers of a `cpu` line; kernels before 2.6 have fewer, and those that are missing are 0.
  ///
  /// - Returns: `nil` when not even the first four are there.
  init?(_ fields: inout Fields, _ bytes: Span<UInt8>) {
    guard let user = fields.ticks(bytes), let nice = fields.ticks(bytes),
      let system = fields.ticks(bytes), let idle = fields.ticks(bytes)
    else { return nil }
    (self.system, self.idle) = (system, idle)
    iowait = fields.ticks(bytes) ?? 0
    irq = fields.ticks(bytes) ?? 0
    softirq = fields.ticks(bytes) ?? 0
    steal = fields.ticks(bytes) ?? 0
    let guest = min(fields.ticks(bytes) ?? 0, user)
    let guestNice = min(fields.ticks(bytes) ?? 0, nice)
    self.user = user - guest
    self.nice = nice - guestNice
    self.guest = guest + guestNice
  }
}
