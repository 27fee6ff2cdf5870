import ProcFS

/// The pressure on each resource: the share of the time in which tasks waited for it, from 0 to 1.
struct PressureUse: Sendable, Equatable {
  var cpu: PressureLines?
  var memory: PressureLines?
  var io: PressureLines?
}

/// Pressure on one resource.
struct PressureLines: Sendable, Equatable {
  /// At least one task waited.
  var some: PressureLine
  /// All non-idle tasks waited; `nil` on kernels that do not report this for the CPU.
  var full: PressureLine?
}

/// The share of the time over several periods.
struct PressureLine: Sendable, Equatable {
  /// The kernel's running average over ten seconds.
  var average10: Double
  /// The kernel's running average over a minute.
  var average60: Double
  /// The kernel's running average over five minutes.
  var average300: Double
  /// The exact share since the previous sweep; `nil` at the first, and where the counter fell or grew implausibly.
  var recent: Double?
}

extension PressureUse {
  /// - Returns: `nil` when the kernel does not measure pressure.
  init?(_ now: PressureCounters, since before: PressureCounters?, seconds: Double) {
    guard now.cpu != nil || now.memory != nil || now.io != nil else { return nil }
    self.init(
      cpu: now.cpu.map { PressureLines($0, since: before?.cpu, seconds: seconds) },
      memory: now.memory.map { PressureLines($0, since: before?.memory, seconds: seconds) },
      io: now.io.map { PressureLines($0, since: before?.io, seconds: seconds) })
  }
}

extension PressureLines {
  fileprivate init(_ now: Pressure, since before: Pressure?, seconds: Double) {
    self.init(
      some: PressureLine(now.some, since: before?.some, seconds: seconds),
      full: now.full.map { PressureLine($0, since: before?.full, seconds: seconds) })
  }
}

extension PressureLine {
  fileprivate init(_ now: Pressure.Line, since before: Pressure.Line?, seconds: Double) {
    let rate = Rate(seconds: seconds)
    self.init(
      average10: now.average10 / 100, average60: now.average60 / 100,
      average300: now.average300 / 100,
      recent: before.flatMap { before in
        now.total >= before.total
          ? rate.share(Double(now.total - before.total) / 1e6, slack: 0.1) : nil
      })
  }
}
