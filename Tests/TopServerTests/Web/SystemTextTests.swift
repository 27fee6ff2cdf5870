import Jansson
import Linux
import MicroHTTPD
import ProcFS
import Testing

@testable import TopServer

@Suite struct SystemTextTests {
  /// A machine with one child process, one kernel thread and one exited child.
  private func snapshot() -> Snapshot {
    var window = Window.test()
    var first = Sample.at(
      1000, busy: 0, forks: 10, [Process(pid: 1), Process(pid: 2, kernel: true)])
    var second = Sample.at(
      1004, busy: 200, forks: 50,
      [
        Process(pid: 1, user: 100, childrenUser: 40), Process(pid: 2, system: 20, kernel: true),
        Process(pid: 3, start: 100_100, state: .running, parent: 1, user: 20),
      ])
    var facts = Surroundings()
    facts.ownPID = 3
    facts.isInHostPIDNamespace = true
    facts.cpusAllowed = 2
    facts.cgroup = CgroupCPU(
      limit: 0.5, group: "/pod",
      throttling: .init(stat: "nr_throttled 3\nthrottled_usec 1234567\n"))
    first.surroundings = facts
    second.surroundings = facts
    _ = window.add(first)
    var snapshot = window.add(second)
    snapshot.sweepCost.duration = 0.0012345678
    snapshot.sweepCost.lag = 0.0001
    snapshot.sweepCost.skippedTotal = 4
    return snapshot
  }

  @Test func theWholeDocument() throws {
    let snapshot = snapshot()
    var daemon = DaemonCounts.Reading()
    (daemon.connections, daemon.connectionLimit) = (7, 16_384)
    (daemon.streams, daemon.upgrades, daemon.waitingAnswers) = (2, 3, 1)
    daemon.unsentBytes = 300_000
    daemon.refused = [.connectionsPerAddress: 4]
    daemon.ended = [.slowReader: 6]
    let text = String(
      decoding: SystemText.make(
        snapshot, AnswerEncoder.test.run, .off, FleetStatus(),
        .init(
          requests: .init(cpuUsage: 7, system: 2, other: 1),
          streams: .init(open: 2, opened: 5, dropped: 1), daemon: daemon)),
      as: UTF8.self)
    let modes = """
      {"busy_percent":100.0,"user_percent":100.0,"nice_percent":0.0,"system_percent":0.0,"idle_percent":0.0,\
      "iowait_percent":0.0,"irq_percent":0.0,"softirq_percent":0.0,"steal_percent":0.0,"guest_percent":0.0}
      """
    let ledger = """
      {"busy_percent":50.0,"processes_percent":30.0,"ended_children_percent":10.0,\
      "kernel_threads_percent":5.0,"interrupts_percent":0.0,"steal_percent":0.0,"unaccounted_percent":5.0,\
      "coverage_percent":90.0,"excess_percent":0.0}
      """
    expectMembers(
      of: text,
      """
      {"sequence":2,"sampled_at":"2023-11-14T22:30:04.000Z","interval_seconds":4.0,"window_seconds":4.0,\
      "last_gap":{"ended_at":"2023-11-14T22:30:04.000Z","seconds":4.0,"suspended_seconds":0.0},\
      "boot_id":"aaaabbbb-cccc-dddd","hostname":"box","uptime_seconds":1004.0,"cpu_count":2,\
      "cpu":{"now":\(modes),"window":\(modes)},"ledger":{"now":\(ledger),"window":\(ledger)},\
      "coverage_advice":[],\
      "processes":{"total":3,"running":1,"sleeping":2,"disk-sleep":0,"stopped":0,"tracing-stop":0,"zombie":0,\
      "dead":0,"idle":0,"parked":0,"wake-kill":0,"waking":0},\
      "forks_per_second":{"now":10.0,"window":10.0},\
      "memory":null,"swap":null,"load":null,"disks":[],"disk_total":null,"file_systems":[],"network":[],\
      "network_total":null,"pressure":null,\
      "view":{"proc_root":"/proc","in_host_pid_namespace":true,"shows_kernel_threads":true,"hidepid":null,\
      "cpus_allowed":2,"cgroup":{"cpu_limit":0.5,"throttled_periods":3,"throttled_seconds":1.235,\
      "group":"/pod"},"disks_from":null,\
      "cpu_time":{"method":"sampled-modes","reason":"the CPU counters of /proc/stat grew by only 2.0 s while \
      2 CPUs had 8.0 s, so idle time is not exact","measured_seconds":4.0,"sampled_seconds":4.0,\
      "unknown_seconds":0.0}},\
      "recorder":{"recording":false,"reason":"switched off","switched_on":false,"since":"1970-01-01T00:00:00.000Z",\
      "file":null,"size_bytes":0,"limit_bytes":268435456,"oldest":null,"flushed_through":null,"held_samples":0,\
      "lost_samples":0},\
      "fleet":{"hosts":0,"hosts_provisional":0,"live":0,"stale":0,"lost":0,"connections":0,"connections_total":0,"messages_total":0,\
      "late_samples_total":0,"not_owned_samples_total":0,"odd_values_total":0,"evicted_hosts_total":0,"lost_samples_total":0,\
      "duplicate_samples_total":0,"replaced_connections_total":0,"refused_total":{\
      "bad_message":0,"unknown_version":0,"bad_host_name":0,"host_changed":0,"host_taken":0,"host_kept":0,\
      "too_many_hosts":0,"too_many_new_hosts":0,"too_many_connections":0,"flood":0,"unauthorized":0,"no_token":0,"cross_site":0},"closures_total":{}},\
      "self":{"version":"\(Version.text)","pid":3,"cpu_percent":{"now":5.0,"window":5.0},"rss_bytes":8192,\
      "requests_total":{"cpu_usage":7,"system":2,"other":1},\
      "past_questions":{"waiting":0,"refused_total":0,"cancelled_total":0},\
      "event_streams":{"open":2,"opened":5,"dropped":1},\
      "connections":{"open":7,"limit":16384,"event_streams":2,"event_streams_limit":0,"agents":3,"agents_limit":0,\
      "waiting_answers":1,"unsent_bytes":300000},\
      "refused":{"connections":0,"connections_per_address":4,"event_streams":0,"event_streams_per_address":0,\
      "agents":0,"waiting_answers":0,"waiting_answers_per_address":0,"unsent_bytes":0,"head_size":0},\
      "ended":{"slow_request":0,"slow_reader":6,"unsent_bytes":0,"idle":0,"client_left":0},"sweep_seconds":0.001235,"sample_lag_seconds":0.0001,"skipped_samples_total":4,\
      "sampling":{"method":"process-clocks","reason":null,"processes_read":3},\
      "skipped_processes":{"unreadable":0,"malformed":0,"example":null},\
      "not_permitted":{"exe":0,"cmdline":0,"cgroup":0}}}

      """)
  }

  @Test func theFirstSampleHasNullsWhereRatesWillBe() {
    var window = Window.test()
    let text = String(
      decoding: SystemText.make(
        window.add(.at(1000, [Process()])), AnswerEncoder.test.run, .off, FleetStatus(), .init()),
      as: UTF8.self)
    #expect(text.contains("\"cpu\":{\"now\":null,\"window\":null}"))
    #expect(text.contains("\"ledger\":{\"now\":null,\"window\":null}"))
    #expect(text.contains("\"interval_seconds\":null"))
  }

  @Test func theHost() {
    let pressure = "some avg10=1.52 avg60=1.92 avg300=9.82 total=%\n"
    let before = MachineCounters.test(
      disks: diskLine("sda", reads: 5),
      network: interfaceLine("eth0", [1, 1, 1, 1], [1, 1, 1, 1]),
      pressure: pressure.replacing("%", with: "0"))
    let now = MachineCounters.test(
      memory: """
        MemTotal: 8 kB
        MemFree: 2 kB
        MemAvailable: 6 kB
        Buffers: 1 kB
        Cached: 3 kB
        Shmem: 1 kB
        SReclaimable: 2 kB
        Active: 4 kB
        Inactive: 5 kB
        SwapTotal: 3 kB
        SwapFree: 2 kB
        """,
      load: "0.45 1.11 3.11 1/2 3",
      disks: diskLine(
        "sda", reads: 8, readSectors: 4, writes: 1, writtenSectors: 2, busyMilliseconds: 9),
      network: interfaceLine("eth0", [11, 2, 1, 1], [5, 3, 1, 4]),
      pressure: pressure.replacing("%", with: "40000"),
      fileSystems: [
        .init(
          mountPoint: "/", device: "/dev/sda1", type: "ext4",
          space: .init(total: 100, used: 30, available: 60), isStalled: false),
        .init(
          mountPoint: "/far \u{1F408}", device: "box:/x", type: "nfs4", space: nil, isStalled: true),
        .init(
          mountPoint: "/cd", device: "/dev/sr0", type: "ext4",
          space: .init(total: 100, used: 100, available: 0), isStalled: false, isReadOnly: true),
      ])
    let members = SystemText.machineMembers(MachineUse(now, since: before, seconds: 2))
    let disk = """
      "read_bytes_per_second":1024.0,"write_bytes_per_second":512.0,"reads_per_second":1.5,\
      "writes_per_second":0.5,"busy_percent":0.45}
      """
    let interface = """
      "receive_bytes_per_second":5.0,"transmit_bytes_per_second":2.0,"receive_packets_per_second":0.5,\
      "transmit_packets_per_second":1.0,"receive_errors_per_second":0.0,"transmit_errors_per_second":0.0,\
      "receive_drops_per_second":0.0,"transmit_drops_per_second":1.5}
      """
    let lines = """
      {"some":{"now_percent":2.0,"avg10_percent":1.52,"avg60_percent":1.92,"avg300_percent":9.82},"full":null}
      """
    expectMembers(
      of: String(decoding: JSONValue.object(members).encoded(), as: UTF8.self),
      """
      {"memory":{"total_bytes":8192,"available_bytes":6144,"used_bytes":2048,"used_percent":25.0,\
      "free_bytes":2048,"buffers_bytes":1024,"cached_bytes":3072,"shared_bytes":1024,\
      "reclaimable_slab_bytes":2048,"active_bytes":4096,"inactive_bytes":5120},\
      "swap":{"total_bytes":3072,"used_bytes":1024,"used_percent":33.33,"free_bytes":2048},\
      "load":{"load_1":0.45,"load_5":1.11,"load_15":3.11},\
      "disks":[{"name":"sda",\(disk)],"disk_total":{\(disk),\
      "file_systems":[{"mount_point":"/","device":"/dev/sda1","type":"ext4","total_bytes":100,"used_bytes":30,\
      "available_bytes":60,"used_percent":33.33,"stalled":false},\
      {"mount_point":"/far \u{1F408}","device":"box:/x","type":"nfs4","total_bytes":null,"used_bytes":null,\
      "available_bytes":null,"used_percent":null,"stalled":true},\
      {"mount_point":"/cd","device":"/dev/sr0","type":"ext4","total_bytes":100,"used_bytes":100,\
      "available_bytes":0,"used_percent":100.0,"stalled":false,"read_only":true}],\
      "network":[{"name":"eth0",\(interface)],"network_total":{\(interface),\
      "pressure":{"cpu":\(lines),"memory":\(lines),"io":\(lines)}}
      """)
  }
}

/// Expects the members of an object in this order and with these values; there may be new measures between them.
private func expectMembers(
  of text: String, _ expected: String, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(throws: Never.self, sourceLocation: sourceLocation) {
    let (actual, wanted) = (
      try JSONValue(parsing: Array(text.utf8)), try JSONValue(parsing: Array(expected.utf8))
    )
    #expect(actual.reduced(to: wanted) == wanted, sourceLocation: sourceLocation)
  }
}

extension JSONValue {
  /// The value without the members that the other one lacks.
  fileprivate func reduced(to other: JSONValue) -> JSONValue {
    switch (self, other) {
    case (.object(let members), .object):
      return .object(
        members.compactMap { member in
          other[member.name].map { .init(member.name, member.value.reduced(to: $0)) }
        })
    case (.array(let elements), .array(let others)) where elements.count == others.count:
      return .array(zip(elements, others).map { $0.reduced(to: $1) })
    default: return self
    }
  }
}

extension RecorderState {
  /// Switched off at the epoch.
  fileprivate static let off = RecorderState(isOn: false, since: 0, limit: 256 << 20)
}
