import Jansson
import Linux
import ProcFS

/// `/get_stats`: the machine's present use, and the minimum, mean and maximum over the history, as one JSON object.
///
/// The member names are those of earlier programs, whose clients still request them; percentages are numbers.
enum GetStatsText {
  static func make(_ snapshot: Snapshot, _ past: RecordedMachineUse) -> [UInt8] {
    let text = JSONValue.object([
      .init("current_stat", current(snapshot)), .init("past_stat", stat(past)),
    ])
    return text.encoded() + [0x0A]
  }

  // MARK: - Now

  private static func current(_ snapshot: Snapshot) -> JSONValue {
    let machine = snapshot.machine
    return .object([
      .init(
        "memory_stat",
        .object([
          .init("vm", JSONValue(machine.memory, memory)),
          .init("sm", JSONValue(machine.swap, swap)),
        ])
      ),
      .init("time", .decimal(Double(snapshot.time.wall) / 1e9, places: 3)),
      .init(
        "disk_stat",
        .object([
          .init("count_stats", JSONValue(machine.diskCounters, counters)),
          .init(
            "part_stats", .array(machine.listedFileSystems.all.filter { $0.total > 0 }.map(part))),
        ])),
      .init(
        "cpu_stat",
        .object([
          .init("usage", .percent(snapshot.recentUse?.busyShare)),
          .init("time_stat", JSONValue(snapshot.cpuSinceBoot, times)),
        ])),
    ])
  }

  private static func memory(_ use: MemoryUse) -> JSONValue {
    .object([
      .init("total", .count(use.info.total)), .init("used", .count(use.used)),
      .init("free", .count(use.info.free)), .init("active", .count(use.info.active)),
      .init("inactive", .count(use.info.inactive)), .init("percent", .percent(use.usedShare)),
    ])
  }

  private static func swap(_ use: SwapUse) -> JSONValue {
    .object([
      .init("total", .count(use.total)), .init("used", .count(use.used)),
      .init("free", .count(use.free)), .init("percent", .percent(use.usedShare)),
    ])
  }

  private static func counters(_ disks: DiskCounters) -> JSONValue {
    .object([
      .init("read_count", .count(disks.readCount)), .init("read_bytes", .count(disks.readBytes)),
      .init("write_count", .count(disks.writeCount)),
      .init("write_bytes", .count(disks.writeBytes)),
    ])
  }

  private static func part(_ use: FileSystemUse) -> JSONValue {
    .object([
      .init("mt_pt", .string(use.mountPoint)), .init("device", .string(use.device)),
      .init("total_mem", .count(use.total)), .init("used_mem", .count(use.used)),
      .init("free_mem", .count(use.available)), .init("used_percent", .percent(use.usedShare)),
    ])
  }

  /// Seconds since boot.
  private static func times(_ cpu: CPUSeconds) -> JSONValue {
    .object([
      .init("user", .decimal(cpu.user)), .init("nice", .decimal(cpu.nice)),
      .init("system", .decimal(cpu.system)), .init("idle", .decimal(cpu.idle)),
      .init("iowait", .decimal(cpu.iowait)), .init("irq", .decimal(cpu.irq)),
      .init("softirq", .decimal(cpu.softirq)), .init("steal", .decimal(cpu.steal)),
      .init("guest", .decimal(cpu.guest)),
    ])
  }

  // MARK: - Since the start of the history

  private static func stat(_ past: RecordedMachineUse) -> JSONValue {
    .object(
      [
        .init(
          "service_start_time", .string(RFC3339.text(nanosecondsSinceEpoch: past.serviceStart)))
      ] + range("cpu", past.cpu) + range("mem", past.memory) + range("disk", past.disk))
  }

  private static func range(_ name: String, _ range: RecordedMachineUse.Range?) -> [JSONValue
    .Member]
  {
    [
      .init("min_\(name)_usage", .percent(range?.minimum)),
      .init("avg_\(name)_usage", .percent(range?.average)),
      .init("max_\(name)_usage", .percent(range?.maximum)),
    ]
  }
}
