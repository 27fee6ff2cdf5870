import Linux
import ProcFS
import Testing

@testable import TopServer

@Suite struct GetStatsTextTests {
  private func text(_ snapshot: Snapshot, _ past: RecordedMachineUse) -> String {
    String(decoding: GetStatsText.make(snapshot, past), as: UTF8.self)
  }

  @Test func theWholeDocument() {
    var window = Window.test()
    let first = Sample.at(1000, busy: 0, [])
    var second = Sample.at(1004, busy: 400, [])
    second.machine = .test(
      memory: """
        MemTotal: 1000 kB
        MemFree: 100 kB
        MemAvailable: 820 kB
        Active: 300 kB
        Inactive: 200 kB
        SwapTotal: 50 kB
        SwapFree: 50 kB
        """,
      disks: diskLine("sda", reads: 21_075, readSectors: 7, writes: 38_773, writtenSectors: 9),
      fileSystems: [
        .init(
          mountPoint: "/", device: "/dev/sda8", type: "ext4",
          space: .init(total: 265_467_244_544, used: 13_155_872_768, available: 238_802_780_160),
          isStalled: false),
        .init(mountPoint: "/far", device: "box:/", type: "nfs", space: nil, isStalled: true),
      ])
    // Half of the interval was busy.
    second.system?.modes.idle += 400
    _ = window.add(first)
    let past = RecordedMachineUse(
      serviceStart: 1_460_395_810_976_343_000,
      cpu: .init(minimum: 0, average: 0.0180828869, maximum: 0.134),
      memory: .init(minimum: 0.179, average: 0.1794, maximum: 0.18),
      disk: .init(minimum: 0.05, average: 0.06, maximum: 0.08))
    #expect(
      text(window.add(second), past) == """
        {"current_stat":{"memory_stat":{"vm":{"total":1024000,"used":184320,"free":102400,"active":307200,\
        "inactive":204800,"percent":18.0},"sm":{"total":51200,"used":0,"free":51200,"percent":0.0}},\
        "time":1700001004.0,\
        "disk_stat":{"count_stats":{"read_count":21075,"read_bytes":3584,"write_count":38773,"write_bytes":4608},\
        "part_stats":[{"mt_pt":"/","device":"/dev/sda8","total_mem":265467244544,"used_mem":13155872768,\
        "free_mem":238802780160,"used_percent":5.22}]},\
        "cpu_stat":{"usage":50.0,"time_stat":{"user":4.0,"nice":0.0,"system":0.0,"idle":10004.0,"iowait":0.0,\
        "irq":0.0,"softirq":0.0,"steal":0.0,"guest":0.0}}},\
        "past_stat":{"service_start_time":"2016-04-11T17:30:10.976Z",\
        "min_cpu_usage":0.0,"avg_cpu_usage":1.81,"max_cpu_usage":13.4,\
        "min_mem_usage":17.9,"avg_mem_usage":17.94,"max_mem_usage":18.0,\
        "min_disk_usage":5.0,"avg_disk_usage":6.0,"max_disk_usage":8.0}}

        """)
  }

  @Test func unknownValuesAreNull() {
    var window = Window.test()
    var sample = Sample.at(1000, [])
    sample.system = nil
    let text = text(window.add(sample), RecordedMachineUse(serviceStart: 0))
    #expect(
      text == """
        {"current_stat":{"memory_stat":{"vm":null,"sm":null},"time":1700001000.0,\
        "disk_stat":{"count_stats":null,"part_stats":[]},"cpu_stat":{"usage":null,"time_stat":null}},\
        "past_stat":{"service_start_time":"1970-01-01T00:00:00.000Z",\
        "min_cpu_usage":null,"avg_cpu_usage":null,"max_cpu_usage":null,\
        "min_mem_usage":null,"avg_mem_usage":null,"max_mem_usage":null,\
        "min_disk_usage":null,"avg_disk_usage":null,"max_disk_usage":null}}

        """)
  }
}
