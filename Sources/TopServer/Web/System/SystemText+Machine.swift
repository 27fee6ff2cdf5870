import Jansson

extension SystemText {
  /// The members of `/system` about memory, disks, file systems, network and pressure; `null` where the kernel reports
  /// nothing.
  static func machineMembers(_ use: MachineUse) -> [JSONValue.Member] {
    [
      .init("memory", Measures.memory.object(use.memory)),
      .init("swap", Measures.swap.object(use.swap)),
      .init("load", Measures.load.object(use.load)),
      .init(
        "disks",
        list(use.listedDisks) { named($0.name) + Measures.disks.family.members(of: $0) }),
      .init("disk_total", Measures.diskTotal.object(use.diskTotal)),
      .init("file_systems", list(use.listedFileSystems, fileSystem)),
      .init(
        "network",
        list(use.listedNetwork) { named($0.name) + Measures.network.family.members(of: $0) }),
      .init("network_total", Measures.networkTotal.object(use.networkTotal)),
      .init("pressure", JSONValue(use.pressure, pressure)),
    ]
  }

  /// A list of items, followed by the sum of those that are not listed, with their count.
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

  /// `read_only` is present only when it is true.
  private static func fileSystem(_ use: FileSystemUse) -> [JSONValue.Member] {
    let names: [JSONValue.Member] = [
      .init("mount_point", .string(use.mountPoint)), .init("device", .string(use.device)),
      .init("type", .string(use.type)),
    ]
    return names + Measures.fileSystems.family.members(of: use)
      + [.init("stalled", .bool(use.isStalled))]
      + (use.isReadOnly ? [.init("read_only", .bool(true))] : [])
  }

  private static func pressure(_ use: PressureUse) -> JSONValue {
    .object([
      .init("cpu", JSONValue(use.cpu, lines)), .init("memory", JSONValue(use.memory, lines)),
      .init("io", JSONValue(use.io, lines)),
    ])
  }

  private static func lines(_ lines: PressureLines) -> JSONValue {
    .object([
      .init("some", Measures.pressure[0].object(lines.some)),
      .init("full", Measures.pressure[0].object(lines.full)),
    ])
  }
}
