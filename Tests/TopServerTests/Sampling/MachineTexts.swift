import ProcFS

@testable import TopServer

extension MachineCounters {
  /// Parses these texts of the kernel; an invalid text leaves its part out, so that the test that needs it fails.
  static func test(
    memory: String? = nil, load: String? = nil, uptime: String? = nil, disks: String? = nil,
    network: String? = nil, pressure: String? = nil, fileSystems: [FileSystemCounters] = []
  ) -> MachineCounters {
    func parse<Value>(
      _ text: String?, _ make: (Span<UInt8>, String) throws(ProcError) -> Value
    ) -> Value? {
      guard let text else { return nil }
      return try? make(Array(text.utf8).span, "test")
    }
    let pressure = parse(pressure, Pressure.init)
    return MachineCounters(
      memory: parse(memory, MemInfo.init), load: parse(load, LoadAverage.init),
      uptime: parse(uptime, Uptime.init),
      disks: parse(disks, DiskStats.init).map { stats in
        DiskLayout(nil, listed: stats.devices.map(\.name)).disks(stats.devices)
      },
      network: parse(network, NetDev.init)?.interfaces,
      pressure: PressureCounters(cpu: pressure, memory: pressure, io: pressure),
      fileSystems: fileSystems)
  }
}

/// A line of /proc/diskstats.
func diskLine(
  _ name: String, reads: UInt64 = 0, readSectors: UInt64 = 0, writes: UInt64 = 0,
  writtenSectors: UInt64 = 0, busyMilliseconds: UInt64 = 0
) -> String {
  "8 0 \(name) \(reads) 0 \(readSectors) 0 \(writes) 0 \(writtenSectors) 0 0 \(busyMilliseconds) 0\n"
}

/// A line of /proc/net/dev, with the numbers of both directions: bytes, packets, errors, drops.
func interfaceLine(_ name: String, _ received: [UInt64], _ transmitted: [UInt64]) -> String {
  func words(_ numbers: [UInt64]) -> String {
    numbers.map { String($0) }.joined(separator: " ")
  }
  return "\(name): \(words(received)) 0 0 0 0 \(words(transmitted)) 0 0 0 0\n"
}
