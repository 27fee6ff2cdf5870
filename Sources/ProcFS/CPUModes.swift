/// The time of all CPUs since boot by mode, in clock ticks, with the kernel's names.
///
/// The kernel includes `guest` in `user` and `guest_nice` in `nice`. They are subtracted here, so that the parts add up
/// to the total. See proc_stat(5).
public struct CPUModes: Sendable, Equatable {
  public var user: UInt64 = 0
  public var nice: UInt64 = 0
  public var system: UInt64 = 0
  public var idle: UInt64 = 0
  public var iowait: UInt64 = 0
  public var irq: UInt64 = 0
  public var softirq: UInt64 = 0
  public var steal: UInt64 = 0
  /// Time of virtual machines, at any niceness.
  public var guest: UInt64 = 0
  /// The parts that are missing or invalid in this reading.
  ///
  /// They count as 0.
  public private(set) var unreadable: Set<Part> = []
  /// The guest time subtracted from ``user`` and ``nice``.
  private var guestUser: UInt64 = 0
  private var guestNice: UInt64 = 0

  public init() {}

  /// The sum of all parts: the time of all CPUs.
  public var total: UInt64 { busy + idle + iowait }

  /// The time in which CPUs were not idle, including time stolen by the hypervisor.
  public var busy: UInt64 { user + nice + system + irq + softirq + steal + guest }

  /// A part, by the kernel's name.
  public enum Part: Sendable, CaseIterable {
    case user, nice, system, idle, iowait, irq, softirq, steal, guest

    fileprivate var path: WritableKeyPath<CPUModes, UInt64> {
      switch self {
      case .user: \.user
      case .nice: \.nice
      case .system: \.system
      case .idle: \.idle
      case .iowait: \.iowait
      case .irq: \.irq
      case .softirq: \.softirq
      case .steal: \.steal
      case .guest: \.guest
      }
    }
  }

  public subscript(part: Part) -> UInt64 {
    get { self[keyPath: part.path] }
    set { self[keyPath: part.path] = newValue }
  }

  /// The change of a part in ticks since an earlier reading; negative if the counter went back.
  ///
  /// Returns 0 if the part was unreadable in either reading. If guest time was unreadable, it stays in `user` and
  /// `nice`, as in the kernel's counters.
  public func change(of part: Part, since earlier: CPUModes) -> Int64 {
    if unreadable.contains(part) || earlier.unreadable.contains(part) { return 0 }
    let change = Int64(clamping: self[part]) - Int64(clamping: earlier[part])
    guard unreadable.contains(.guest) || earlier.unreadable.contains(.guest) else { return change }
    switch part {
    case .user: return change + Int64(guestUser) - Int64(earlier.guestUser)
    case .nice: return change + Int64(guestNice) - Int64(earlier.guestNice)
    default: return change
    }
  }
}

extension CPUModes {
  /// Parses the ten numbers of a `cpu` line.
  ///
  /// Old kernels have fewer; missing numbers are 0.
  ///
  /// - Returns: `nil` if one of the first four is missing or invalid, since the rest is meaningless without them.
  init?(_ fields: inout Fields, _ bytes: Span<UInt8>) {
    guard let user = fields.tickCounter(bytes), let nice = fields.tickCounter(bytes),
      let system = fields.tickCounter(bytes), let idle = fields.tickCounter(bytes)
    else { return nil }
    (self.system, self.idle) = (system, idle)
    for part in [Part.iowait, .irq, .softirq, .steal] { assign(fields.tickCounter(bytes), part) }
    let (ofUser, ofNice) = (fields.tickCounter(bytes), fields.tickCounter(bytes))
    if ofUser == nil || ofNice == nil { unreadable.insert(.guest) }
    guestUser = min(ofUser ?? 0, user)
    guestNice = min(ofNice ?? 0, nice)
    self.user = user - guestUser
    self.nice = nice - guestNice
    guest = guestUser + guestNice
  }

  private mutating func assign(_ ticks: UInt64?, _ part: Part) {
    self[part] = ticks ?? 0
    if ticks == nil { unreadable.insert(part) }
  }
}
