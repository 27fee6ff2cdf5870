import Linux
import ProcFS

extension HostUse {
  /// What follows from the counters of one sweep and those of the sweep before.
  ///
  /// - Parameters:
  ///   - before: `nil` at the first sweep, which has no rates.
  ///   - seconds: What was measured between the two.
  init(_ now: HostCounters, since before: HostCounters?, seconds: Double) {
    memory = now.memory.map(MemoryUse.init)
    swap = now.memory.map { SwapUse(total: $0.swapTotal, free: $0.swapFree) }
    load = now.load
    uptime = now.uptime?.seconds
    diskCounters = now.disks.map(DiskCounters.init)
    diskSource = now.diskSource
    fileSystems = now.fileSystems.map(FileSystemUse.init)
    // Rates exist only where some time passed.
    let before = seconds > 0 ? before : nil
    pressure = PressureUse(now.pressure, since: before?.pressure, seconds: seconds)
    let rate = Rate(seconds: seconds)
    if let disksNow = now.disks, let disksThen = before?.disks {
      let pairs = Self.pairs(disksNow, disksThen, by: \.name)
      disks = pairs.map { DiskUse($0, $1, rate) }
      var total = DiskUse.zero(name: "total")
      for (pair, disk) in zip(pairs, disks) where !pair.now.isStacked { total += disk }
      diskTotal = total
    }
    if let interfacesNow = now.network, let interfacesThen = before?.network {
      let pairs = Self.pairs(interfacesNow, interfacesThen, by: \.name)
      network = pairs.map { InterfaceUse($0, $1, rate) }
      var total = InterfaceUse.zero(name: "total")
      for interface in network where interface.name != "lo" { total += interface }
      networkTotal = total
    }
  }

  /// Each value with the one of the same name before; those that were not there have no pair.
  private static func pairs<Value>(
    _ now: [Value], _ before: [Value], by name: (Value) -> String
  ) -> [(now: Value, before: Value)] {
    // Nearly always the list is the same as before.
    if now.count == before.count, zip(now, before).allSatisfy({ name($0) == name($1) }) {
      return zip(now, before).map { ($0, $1) }
    }
    let earlier = Dictionary(before.map { (name($0), $0) }, uniquingKeysWith: { first, _ in first })
    return now.compactMap { value in earlier[name(value)].map { (value, $0) } }
  }
}

extension MemoryUse {
  fileprivate init(_ info: MemInfo) {
    self.init(
      total: info.total, available: min(info.available, info.total), free: info.free,
      buffers: info.buffers, cached: info.cached, active: info.active, inactive: info.inactive,
      shared: info.shmem, reclaimableSlab: info.sReclaimable)
  }
}

extension FileSystemUse {
  fileprivate init(_ counters: FileSystemCounters) {
    self.init(
      mountPoint: counters.mountPoint, mountPoints: counters.mountPoints,
      device: counters.device, type: counters.type,
      total: counters.space?.total ?? 0, used: counters.space?.used ?? 0,
      available: counters.space?.available ?? 0, isStalled: counters.isStalled,
      isReadOnly: counters.isReadOnly)
  }
}
