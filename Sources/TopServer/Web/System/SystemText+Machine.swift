import Jansson
import ProcFS

extension SystemText {
  /// The members of `/system` that are about the host beside its CPUs; `null` where the kernel shows nothing.
  static func host(_ use: MachineUse) -> [JSONValue.Member] {
    [
      .init("memory", JSONValue(use.memory, memory)),
      .init("swap", JSONValue(use.swap, swap)),
      .init("load", JSONValue(use.load) { .object($0.members) }),
      .init("disks", list(use.listedDisks) { named($0.name) + disk($0) }),
      .init("disk_total", JSONValue(use.diskTotal) { .object(disk($0)) }),
      .init("file_systems", list(use.listedFileSystems, fileSystem)),
      .init("network", list(use.listedNetwork) { named($0.name) + interface($0) }),
      .init("network_total", JSONValue(use.networkTotal) { .object(interface($0)) }),
      .init("pressure", JSONValue(use.pressure, pressure)),
    ]
  }

  /// The sum of those that are not listed comes last, with their number.
  private static func list<Value>(
    _ listed: Listed<Value>, _ members: (Value) -> [JSONValue.Member]
  ) -> JSONValue {
    var elements = listed.values.map { JSONValue.object(members($0)) }
    if let others = listed.others {
      let count = JSONValue.Member("count", .integer(Int64(listed.othersCount)))
      elements.append(.object(members(others) + [count]))
    }
    return .array(elements)
  }

  private static func named(_ name: String) -> [JSONValue.Member] {
    [.init("name", .string(name))]
  }

  private static func memory(_ use: MemoryUse) -> JSONValue {
    .object([
      .init("total_bytes", .count(use.total)), .init("available_bytes", .count(use.available)),
      .init("used_bytes", .count(use.used)), .init("used_percent", .percent(use.usedShare)),
      .init("free_bytes", .count(use.free)), .init("buffers_bytes", .count(use.buffers)),
      .init("cached_bytes", .count(use.cached)), .init("shared_bytes", .count(use.shared)),
      .init("reclaimable_slab_bytes", .count(use.reclaimableSlab)),
      .init("active_bytes", .count(use.active)), .init("inactive_bytes", .count(use.inactive)),
    ])
  }

  private static func swap(_ use: SwapUse) -> JSONValue {
    .object([
      .init("total_bytes", .count(use.total)), .init("used_bytes", .count(use.used)),
      .init("used_percent", .percent(use.usedShare)), .init("free_bytes", .count(use.free)),
    ])
  }

  private static func disk(_ use: DiskUse) -> [JSONValue.Member] {
    [
      .init("read_bytes_per_second", .decimal(use.readBytesPerSecond)),
      .init("write_bytes_per_second", .decimal(use.writeBytesPerSecond)),
      .init("reads_per_second", .decimal(use.readsPerSecond)),
      .init("writes_per_second", .decimal(use.writesPerSecond)),
      .init("busy_percent", .percent(use.busyShare)),
    ]
  }

  /// One that stalled before it ever answered has no sizes; `read_only` is there only where it is true.
  private static func fileSystem(_ use: FileSystemUse) -> [JSONValue.Member] {
    func known(_ value: JSONValue) -> JSONValue { use.total > 0 ? value : .null }
    let members: [JSONValue.Member] = [
      .init("mount_point", .string(use.mountPoint)), .init("device", .string(use.device)),
      .init("type", .string(use.type)), .init("total_bytes", known(.count(use.total))),
      .init("used_bytes", known(.count(use.used))),
      .init("available_bytes", known(.count(use.available))),
      .init("used_percent", known(.percent(use.usedShare))), .init("stalled", .bool(use.isStalled)),
    ]
    return members + (use.isReadOnly ? [.init("read_only", .bool(true))] : [])
  }

  private static func interface(_ use: InterfaceUse) -> [JSONValue.Member] {
    [
      .init("receive_bytes_per_second", .decimal(use.receiveBytesPerSecond)),
      .init("transmit_bytes_per_second", .decimal(use.transmitBytesPerSecond)),
      .init("receive_packets_per_second", .decimal(use.receivePacketsPerSecond)),
      .init("transmit_packets_per_second", .decimal(use.transmitPacketsPerSecond)),
      .init("receive_errors_per_second", .decimal(use.receiveErrorsPerSecond)),
      .init("transmit_errors_per_second", .decimal(use.transmitErrorsPerSecond)),
      .init("receive_drops_per_second", .decimal(use.receiveDropsPerSecond)),
      .init("transmit_drops_per_second", .decimal(use.transmitDropsPerSecond)),
    ]
  }

  private static func pressure(_ use: PressureUse) -> JSONValue {
    .object([
      .init("cpu", JSONValue(use.cpu, lines)), .init("memory", JSONValue(use.memory, lines)),
      .init("io", JSONValue(use.io, lines)),
    ])
  }

  private static func lines(_ lines: PressureLines) -> JSONValue {
    .object([.init("some", line(lines.some)), .init("full", JSONValue(lines.full, line))])
  }

  private static func line(_ line: PressureLine) -> JSONValue {
    .object([
      .init("now_percent", .percent(line.recent)), .init("avg10_percent", .percent(line.average10)),
      .init("avg60_percent", .percent(line.average60)),
      .init("avg300_percent", .percent(line.average300)),
    ])
  }
}

extension LoadAverage {
  /// The members of `load`, here and wherever else a load is shown.
  var members: [JSONValue.Member] {
    [
      .init("load_1", .decimal(one)), .init("load_5", .decimal(five)),
      .init("load_15", .decimal(fifteen)),
    ]
  }
}
