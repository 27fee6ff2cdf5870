import ProcFS

extension Measures {
  static let memory = Family<MemoryUse>(
    "memory", rule: .all, of: { $0.machine.memory },
    [
      .bytes("total_bytes", "The memory of the machine.") { $0.info.total }
        .ofOtherHosts(.number(.memoryTotal, upTo: mostMemory)),
      .bytes("available_bytes", "Memory that new work can get without swapping.") {
        $0.info.available
      }
      .ofOtherHosts(
        .number(.memoryAvailable, upTo: mostMemory) { $0.memory.map { Double($0.info.available) } }),
      .bytes("used_bytes", "The total minus what is available.") { $0.used }
        .ofOtherHosts(.following(.memoryUsed, isSent: true) { $0.memory.map { Double($0.used) } }),
      .percent("used_percent", "The share of the memory that is not available.") { $0.usedShare }
        .ofOtherHosts(.following(.memoryUsedShare, series: 7) { $0.memory?.usedShare })
        .watched(AlertUse(name: "memory", subject: "memory in use", missing: noMemInfo)),
      .bytes("free_bytes", "Memory that nothing uses.") { $0.info.free },
      .bytes("buffers_bytes", "Cached blocks of devices.") { $0.info.buffers },
      .bytes("cached_bytes", "Cached contents of files, shared memory included.") {
        $0.info.cached
      },
      .bytes("shared_bytes", "Shared memory and tmpfs.") { $0.info.shmem },
      .bytes("reclaimable_slab_bytes", "The kernel's own caches, as far as it can free them.") {
        $0.info.sReclaimable
      },
      .bytes("active_bytes", "Memory that was used recently.") { $0.info.active },
      .bytes("inactive_bytes", "Memory that was not used recently and is freed first.") {
        $0.info.inactive
      },
    ])

  /// More bytes than any machine has.
  private static let mostMemory = Double(1 << 60 as UInt64)

  private static let noMemInfo: @Sendable (Snapshot) -> String = { _ in
    "/proc/meminfo could not be read"
  }

  static let swap = Family<SwapUse>(
    "swap", of: { $0.machine.swap },
    [
      .bytes("total_bytes", "The swap space; 0 if there is none.") { $0.total },
      .bytes("used_bytes", "Swap space in use.") { $0.used },
      .percent("used_percent", "The share of the swap space in use; 0 if there is none.") {
        $0.usedShare
      }.watched(AlertUse(name: "swap", subject: "swap in use", missing: noMemInfo)),
      .bytes("free_bytes", "Free swap space.") { $0.free },
    ])

  static let load = Family<LoadAverage>(
    "load", rule: .all, of: { $0.machine.load },
    [
      average(1, .load1, series: 6) { $0.one }, average(5, .load5) { $0.five },
      average(15, .load15) { $0.fifteen },
    ])

  private static func average(
    _ minutes: Int, _ place: AgentPlace, series: Int64? = nil,
    _ read: @escaping @Sendable (LoadAverage) -> Double?
  ) -> Measure<LoadAverage> {
    func use(isPerCPU: Bool) -> AlertUse<LoadAverage> {
      AlertUse(
        name: "load\(minutes)\(isPerCPU ? "_per_cpu" : "")",
        subject: "load of \(minutes) min\(isPerCPU ? " per CPU" : "")",
        missing: { _ in "/proc/loadavg could not be read" }, isPerCPU: isPerCPU, isAboutCPU: true,
        kernelAveraging: .seconds(60 * minutes))
    }
    return .number(
      "load_\(minutes)",
      "The load average: tasks that run or wait, over \(minutes) min, not divided by the number of CPUs.",
      read
    ).ofOtherHosts(.number(place, upTo: 1e9, series: series))
      .watched(use(isPerCPU: false)).watched(use(isPerCPU: true))
  }

  /// For each resource, the time in which at least one task waited, and in which all tasks that could run waited.
  static let pressure: [Family<PressureLine>] =
    pressures("cpu", "CPU") { $0.cpu } + pressures("memory", "memory") { $0.memory }
    + pressures("io", "I/O") { $0.io }

  private static func pressures(
    _ resource: String, _ subject: String,
    _ lines: @escaping @Sendable (PressureUse) -> PressureLines?
  ) -> [Family<PressureLine>] {
    let watch = AlertUse<PressureLine>(
      name: "\(resource)_pressure", subject: "pressure on \(subject)",
      missing: { _ in "this kernel shows no such pressure" }, isAboutCPU: resource == "cpu",
      kernelAveraging: .seconds(10))
    return [
      Family(
        "pressure.\(resource).some", of: { $0.machine.pressure.flatMap(lines)?.some },
        shares("at least one task waited for \(subject)", watch)),
      Family(
        "pressure.\(resource).full", of: { $0.machine.pressure.flatMap(lines)?.full },
        shares("all tasks that could run waited for \(subject)", nil)),
    ]
  }

  private static func shares(
    _ what: String, _ watch: AlertUse<PressureLine>?
  ) -> [Measure<PressureLine>] {
    let average10 = Measure<PressureLine>.percent(
      "avg10_percent", "The share of the last 10 s in which \(what), as the kernel averages it."
    ) { $0.average10 }
    return [
      .percent("now_percent", "The share of the interval in which \(what), measured by the server.")
      {
        $0.recent
      },
      watch.map { average10.watched($0) } ?? average10,
      .percent(
        "avg60_percent", "The share of the last 60 s in which \(what), as the kernel averages it."
      ) { $0.average60 },
      .percent(
        "avg300_percent", "The share of the last 300 s in which \(what), as the kernel averages it."
      ) { $0.average300 },
    ]
  }
}

extension AgentNumbers {
  fileprivate var memory: MemoryUse? {
    guard let total = self[.memoryTotal], let available = self[.memoryAvailable] else { return nil }
    return MemoryUse(MemInfo(total: UInt64(total), available: UInt64(available)))
  }
}
