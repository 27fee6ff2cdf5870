import Linux
import ProcFS

/// The machine's use apart from the CPU: the levels at one instant, and the rates since the previous sweep.
///
/// A part that the kernel does not report is absent. So are rates at the first sweep, and those of a disk or an
/// interface that is new.
struct MachineUse: Sendable, Equatable {
  var memory: MemoryUse?
  var swap: SwapUse?
  var load: LoadAverage?
  /// Seconds since boot, from /proc/uptime.
  var uptime: Double?
  /// Whole disks, including those that are built on others (device mapper, RAID).
  var disks: [DiskUse] = []
  /// The source that identified whole disks; `nil` when there are no disks.
  var diskSource: DiskLayout.Source?
  /// The sum of the disks that are not built on others; its busy share is that of the busiest.
  var diskTotal: DiskUse?
  /// The activity of the disks in ``diskTotal`` since boot.
  var diskCounters: DiskCounters?
  /// Real file systems, without duplicates.
  var fileSystems: [FileSystemUse] = []
  var network: [InterfaceUse] = []
  /// The sum of all interfaces except `lo`.
  var networkTotal: InterfaceUse?
  /// `nil` where the kernel does not measure pressure.
  var pressure: PressureUse?
  /// The disks, file systems and interfaces that are shown and recorded by name.
  var listed = ListedNames()

  /// The used share of all real file systems that can fill up, from 0 to 1; `nil` when none of them has answered yet.
  var fileSystemUsedShare: Double? {
    let writable = fileSystems.filter { !$0.isReadOnly }
    let used = writable.reduce(0) { $0 + Double($1.used) }
    let usable = writable.reduce(used) { $0 + Double($1.available) }
    return usable > 0 ? used / usable : nil
  }
}

extension MachineUse {
  /// Computes the use from the counters of two sweeps.
  ///
  /// - Parameters:
  ///   - before: `nil` at the first sweep, which has no rates.
  ///   - seconds: The measured time between the two.
  init(_ now: MachineCounters, since before: MachineCounters?, seconds: Double) {
    memory = now.memory.map(MemoryUse.init)
    swap = now.memory.map { SwapUse(total: $0.swapTotal, free: $0.swapFree) }
    load = now.load
    uptime = now.uptime?.seconds
    diskCounters = now.disks.map(DiskCounters.init)
    diskSource = now.diskSource
    fileSystems = now.fileSystems.map(FileSystemUse.init)
    // Without elapsed time there are no rates.
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

  /// Pairs each value with the previous one of the same name; new values have no pair.
  private static func pairs<Value>(
    _ now: [Value], _ before: [Value], by name: (Value) -> String
  ) -> [(now: Value, before: Value)] {
    // The list is nearly always unchanged.
    if now.count == before.count, zip(now, before).allSatisfy({ name($0) == name($1) }) {
      return zip(now, before).map { ($0, $1) }
    }
    let earlier = Dictionary(before.map { (name($0), $0) }, uniquingKeysWith: { first, _ in first })
    return now.compactMap { value in earlier[name(value)].map { (value, $0) } }
  }
}
