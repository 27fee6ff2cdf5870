/// CPU time in user and in kernel mode, in clock ticks.
public struct CPUTicks: Sendable, Equatable {
  public var user: UInt64
  public var system: UInt64

  public static let zero = CPUTicks(user: 0, system: 0)

  public init(user: UInt64, system: UInt64) {
    self.user = user
    self.system = system
  }

  /// How much each part grew since an earlier reading.
  ///
  /// The kernel splits a precise total by sampled shares, so one part may step back by a tick: that is no negative time.
  public func growth(since earlier: CPUTicks) -> CPUTicks {
    CPUTicks(
      user: user > earlier.user ? user - earlier.user : 0,
      system: system > earlier.system ? system - earlier.system : 0)
  }

  /// User and system time together.
  public var total: UInt64 { user + system }

  public static func + (left: CPUTicks, right: CPUTicks) -> CPUTicks {
    CPUTicks(user: left.user + right.user, system: left.system + right.system)
  }

  public static func += (left: inout CPUTicks, right: CPUTicks) { left = left + right }

  /// The larger of both readings, part by part: a counter never really goes back.
  public static func highest(_ left: CPUTicks, _ right: CPUTicks) -> CPUTicks {
    CPUTicks(user: max(left.user, right.user), system: max(left.system, right.system))
  }
}
