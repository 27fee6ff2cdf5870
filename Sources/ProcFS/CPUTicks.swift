/// CPU time in user mode and in kernel mode, in clock ticks.
public struct CPUTicks: Sendable, Equatable {
  public var user: UInt64
  public var system: UInt64

  public static let zero = CPUTicks(user: 0, system: 0)

  public init(user: UInt64, system: UInt64) {
    self.user = user
    self.system = system
  }

  /// The growth of each part since an earlier reading.
  ///
  /// The kernel splits a precise total by sampled shares, so one part may go back by a tick. That counts as 0.
  public func growth(since earlier: CPUTicks) -> CPUTicks {
    CPUTicks(
      user: user > earlier.user ? user - earlier.user : 0,
      system: system > earlier.system ? system - earlier.system : 0)
  }

  /// The sum of user and system time.
  public var total: UInt64 { user + system }

  public static func + (left: CPUTicks, right: CPUTicks) -> CPUTicks {
    CPUTicks(user: left.user + right.user, system: left.system + right.system)
  }

  public static func += (left: inout CPUTicks, right: CPUTicks) { left = left + right }

  /// The larger value of each part: a real counter never goes back.
  public static func highest(_ left: CPUTicks, _ right: CPUTicks) -> CPUTicks {
    CPUTicks(user: max(left.user, right.user), system: max(left.system, right.system))
  }
}
