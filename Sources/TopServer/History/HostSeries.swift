import ProcFS

/// The recorded numbers of memory, disks, network and pressure.
extension SeriesValues {
  static func host(_ host: HostUse, _ values: inout Collected) {
    memory(host, &values)
    values.add(.decimal("load.load_1"), host.load?.one)
    values.add(.decimal("load.load_5"), host.load?.five)
    values.add(.decimal("load.load_15"), host.load?.fifteen)
    if let total = host.diskTotal { disk("disk_total", total, &values) }
    for one in host.disks { disk("disks.\(one.name)", one, &values) }
    fileSystems(host, &values)
    if let total = host.networkTotal { interface("network_total", total, &values) }
    for one in host.network { interface("network.\(one.name)", one, &values) }
    pressure("cpu", host.pressure?.cpu, &values)
    pressure("memory", host.pressure?.memory, &values)
    pressure("io", host.pressure?.io, &values)
  }

  private static func memory(_ host: HostUse, _ values: inout Collected) {
    values.add(.decimal("memory.used_percent"), host.memory.map { $0.usedShare * 100 })
    values.add(.bytes("memory.used_bytes"), host.memory.map { Double($0.used) })
    values.add(.bytes("memory.cached_bytes"), host.memory.map { Double($0.cached) })
    values.add(.decimal("swap.used_percent"), host.swap.map { $0.usedShare * 100 })
    values.add(.bytes("swap.used_bytes"), host.swap.map { Double($0.used) })
  }

  private static func disk(_ path: String, _ disk: DiskUse, _ values: inout Collected) {
    values.add(.whole("\(path).read_bytes_per_second"), disk.readBytesPerSecond)
    values.add(.whole("\(path).write_bytes_per_second"), disk.writeBytesPerSecond)
    values.add(.decimal("\(path).reads_per_second"), disk.readsPerSecond)
    values.add(.decimal("\(path).writes_per_second"), disk.writesPerSecond)
    values.add(.decimal("\(path).busy_percent"), disk.busyShare * 100)
  }

  private static func fileSystems(_ host: HostUse, _ values: inout Collected) {
    values.add(
      .decimal("file_systems.used_percent"), host.fileSystemUsedShare.map { $0 * 100 })
    // One that never answered has no size, and so no share.
    for one in host.fileSystems where one.total > 0 {
      values.add(.decimal("file_systems.\(one.mountPoint).used_percent"), one.usedShare * 100)
    }
  }

  private static func interface(
    _ path: String, _ interface: InterfaceUse, _ values: inout Collected
  ) {
    values.add(.whole("\(path).receive_bytes_per_second"), interface.receiveBytesPerSecond)
    values.add(.whole("\(path).transmit_bytes_per_second"), interface.transmitBytesPerSecond)
  }

  private static func pressure(
    _ name: String, _ lines: PressureLines?, _ values: inout Collected
  ) {
    values.add(.decimal("pressure.\(name).some_percent"), lines?.some.recent.map { $0 * 100 })
    values.add(.decimal("pressure.\(name).full_percent"), lines?.full?.recent.map { $0 * 100 })
  }
}
