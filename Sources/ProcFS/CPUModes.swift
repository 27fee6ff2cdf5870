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
  /// Parts that are missing or make no sense in this reading, and count as 0.
  public private(set) var unreadable: Set<Part> = []
  /// What was taken out of ``user``, and out of ``nice``, because it is in ``guest``.
  private var guestUser: UInt64 = 0
  private var guestNice: UInt64 = 0

  public init() {}

  /// All parts, which is the time of all CPUs.
  public var total: UInt64 { busy + idle + iowait }

  /// The time in which CPUs did something, or another guest of the hypervisor did it in our place.
  public var busy: UInt64 { user + nice + system + irq + softirq + steal + guest }

  /// One of the parts, by the kernel's names.
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

  /// By how many ticks a part changed since an earlier reading; a part that went back is negative.
  ///
  /// A part that was unreadable in one of the two has no past, and so did not change. While guests cannot be told apart,
  /// their time stays in `user` and `nice`, where the kernel has it.
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
  /// The ten numbers of a `cpu` line; kernels before 2.6 have fewer, and those that are missing are 0.
  ///
  /// - Returns: `nil` when one of the first four is missing or no time: without them nothing can be said of the rest.
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
