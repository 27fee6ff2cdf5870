import ProcFS

/// The recorded numbers of memory, disks, network and pressure.
extension SeriesValues {
  static func host(_ host: MachineUse, _ values: inout Collected) {
    memory(host, &values)
    values.add(.decimal("load.load_1"), host.load?.one)
    values.add(.decimal("load.load_5"), host.load?.five)
    values.add(.decimal("load.load_15"), host.load?.fifteen)
    if let total = host.diskTotal { disk("disk_total", total, &values) }
    for one in host.listedDisks.all { disk("disks.\(one.name)", one, &values) }
    fileSystems(host, &values)
    if let total = host.networkTotal { interface("network_total", total, &values) }
    for one in host.listedNetwork.all { interface("network.\(one.name)", one, &values) }
    pressure("cpu", host.pressure?.cpu, &values)
    pressure("memory", host.pressure?.memory, &values)
    pressure("io", host.pressure?.io, &values)
  }

  private static func memory(_ host: MachineUse, _ values: inout Collected) {
    if let memory = host.memory {
      func add(_ name: String, _ bytes: UInt64) {
        values.add(.bytes("memory.\(name)_bytes"), Double(bytes))
      }
      add("total", memory.total)
      add("available", memory.available)
      add("used", memory.used)
      add("free", memory.free)
      add("buffers", memory.buffers)
      add("cached", memory.cached)
      add("shared", memory.shared)
      add("reclaimable_slab", memory.reclaimableSlab)
      add("active", memory.active)
      add("inactive", memory.inactive)
      values.add(.decimal("memory.used_percent"), memory.usedShare * 100)
    }
    if let swap = host.swap {
      values.add(.bytes("swap.total_bytes"), Double(swap.total))
      values.add(.bytes("swap.used_bytes"), Double(swap.used))
      values.add(.bytes("swap.free_bytes"), Double(swap.free))
      values.add(.decimal("swap.used_percent"), swap.usedShare * 100)
    }
  }

  private static func disk(_ path: String, _ disk: DiskUse, _ values: inout Collected) {
    values.add(.whole("\(path).read_bytes_per_second"), disk.readBytesPerSecond)
    values.add(.whole("\(path).write_bytes_per_second"), disk.writeBytesPerSecond)
    values.add(.decimal("\(path).reads_per_second"), disk.readsPerSecond)
    values.add(.decimal("\(path).writes_per_second"), disk.writesPerSecond)
    values.add(.decimal("\(path).busy_percent"), disk.busyShare.map { $0 * 100 })
  }

  private static func fileSystems(_ host: MachineUse, _ values: inout Collected) {
    values.add(
      .decimal("file_systems.used_percent"), host.fileSystemUsedShare.map { $0 * 100 })
    // One that never answered has no size, and so no share.
    for one in host.listedFileSystems.all where one.total > 0 {
      let path = "file_systems.\(one.mountPoint)"
      values.add(.bytes("\(path).total_bytes"), Double(one.total))
      values.add(.bytes("\(path).used_bytes"), Double(one.used))
      values.add(.bytes("\(path).available_bytes"), Double(one.available))
      values.add(.decimal("\(path).used_percent"), one.usedShare * 100)
    }
  }

  private static func interface(
    _ path: String, _ interface: InterfaceUse, _ values: inout Collected
  ) {
    func add(
      _ what: String, _ received: Double?, _ transmitted: Double?, _ kind: (String) -> Series
    ) {
      values.add(kind("\(path).receive_\(what)_per_second"), received)
      values.add(kind("\(path).transmit_\(what)_per_second"), transmitted)
    }
    add(
      "bytes", interface.receiveBytesPerSecond, interface.transmitBytesPerSecond, Series.whole)
    add(
      "packets", interface.receivePacketsPerSecond, interface.transmitPacketsPerSecond,
      Series.decimal)
    add(
      "errors", interface.receiveErrorsPerSecond, interface.transmitErrorsPerSecond,
      Series.decimal)
    add(
      "drops", interface.receiveDropsPerSecond, interface.transmitDropsPerSecond, Series.decimal)
  }

  private static func pressure(
    _ name: String, _ lines: PressureLines?, _ values: inout Collected
  ) {
    line("\(name).some", lines?.some, &values)
    line("\(name).full", lines?.full, &values)
  }

  private static func line(_ name: String, _ line: PressureLine?, _ values: inout Collected) {
    guard let line else { return }
    values.add(.decimal("pressure.\(name).now_percent"), line.recent.map { $0 * 100 })
    values.add(.decimal("pressure.\(name).avg10_percent"), line.average10 * 100)
    values.add(.decimal("pressure.\(name).avg60_percent"), line.average60 * 100)
    values.add(.decimal("pressure.\(name).avg300_percent"), line.average300 * 100)
  }
}
