import Linux
import ProcFS

/// What the machine uses beside the CPU: the levels of one instant, and the rates since the sweep before.
///
/// A part that the kernel does not show is absent; so are rates at the first sweep, and those of a disk or an interface
/// that was not there at the sweep before.
struct MachineUse: Sendable, Equatable {
  var memory: MemoryUse?
  var swap: SwapUse?
  var load: LoadAverage?
  /// Seconds since boot, as the kernel says in /proc/uptime.
  var uptime: Double?
  /// Whole disks, those too that stand on others (device mapper, RAID).
  var disks: [DiskUse] = []
  /// What told whole disks from others; `nil` when there are no disks.
  var diskSource: DiskLayout.Source?
  /// All disks that stand on no other; its busy share is that of the busiest.
  var diskTotal: DiskUse?
  /// What the disks of ``diskTotal`` did since boot.
  var diskCounters: DiskCounters?
  /// Real file systems, each once.
  var fileSystems: [FileSystemUse] = []
  var network: [InterfaceUse] = []
  /// All interfaces but `lo`.
  var networkTotal: InterfaceUse?
  /// `nil` where the kernel measures none.
  var pressure: PressureUse?
  /// Which of the disks, file systems and interfaces are shown and recorded one by one.
  var listed = ListedNames()

  /// Used share of all real file systems that can fill up, from 0 to 1; `nil` when none of them has answered yet.
  var fileSystemUsedShare: Double? {
    let writable = fileSystems.filter { !$0.isReadOnly }
    let used = writable.reduce(0) { $0 + Double($1.used) }
    let usable = writable.reduce(used) { $0 + Double($1.available) }
    return usable > 0 ? used / usable : nil
  }
}

extension MachineUse {
  /// What follows from the counters of one sweep and those of the sweep before.
  ///
  /// - Parameters:
  ///   - before: `nil` at the first sweep, which has no rates.
  ///   - seconds: What was measured between the two.
  init(_ now: MachineCounters, since before: MachineCounters?, seconds: Double) {
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
