import ProcFS
import Testing

@testable import TopServer

@Suite struct SystemTextTests {
  @Test func theWholeDocument() throws {
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
    facts.cgroup = CgroupCPU(max: "50000 100000", stat: "nr_throttled 3\nthrottled_usec 1234567\n")
    first.surroundings = facts
    second.surroundings = facts
    _ = window.add(first)
    var snapshot = window.add(second)
    snapshot.sweepCost.duration = 0.0012345678
    snapshot.sweepCost.lag = 0.0001
    let text = String(decoding: SystemText.make(snapshot, AnswerEncoder.test.run, .off), as: UTF8.self)
    let modes = """
      {"busy_percent":100.0,"user_percent":100.0,"nice_percent":0.0,"system_percent":0.0,"idle_percent":0.0,\
      "iowait_percent":0.0,"irq_percent":0.0,"softirq_percent":0.0,"steal_percent":0.0,"guest_percent":0.0}
      """
    let ledger = """
      {"busy_percent":50.0,"processes_percent":30.0,"ended_children_percent":10.0,\
      "kernel_threads_percent":5.0,"interrupts_percent":0.0,"steal_percent":0.0,"unaccounted_percent":5.0,\
      "coverage_percent":90.0,"excess_percent":0.0}
      """
    #expect(
      text == """
        {"sequence":2,"sampled_at":"2023-11-14T22:30:04.000Z","interval_seconds":4.0,"window_seconds":4.0,\
        "last_gap":{"ended_at":"2023-11-14T22:30:04.000Z","seconds":4.0,"suspended_seconds":0.0},\
        "boot_id":"aaaabbbb-cccc-dddd","hostname":"box","uptime_seconds":1004.0,"cpu_count":2,\
        "cpu":{"now":\(modes),"window":\(modes)},"ledger":{"now":\(ledger),"window":\(ledger)},\
        "coverage_advice":[],\
        "processes":{"total":3,"running":1,"sleeping":2,"disk-sleep":0,"stopped":0,"tracing-stop":0,"zombie":0,\
        "dead":0,"idle":0,"parked":0,"wake-kill":0,"waking":0},\
        "forks_per_second":{"now":10.0,"window":10.0},\
        "view":{"proc_root":"/proc","in_host_pid_namespace":true,"shows_kernel_threads":true,"hidepid":null,\
        "cpus_allowed":2,"cgroup":{"cpu_limit":0.5,"throttled_periods":3,"throttled_seconds":1.235}},\
        "self":{"version":"\(Version.text)","pid":3,"cpu_percent":{"now":5.0,"window":5.0},"rss_bytes":8192,\
        "sweep_seconds":0.001235,"sample_lag_seconds":0.0001,\
        "sampling":{"method":"process-clocks","reason":null,"processes_read":3},\
        "skipped_processes":{"unreadable":0,"malformed":0,"example":null}}}

        """)
  }

  @Test func theFirstSampleHasNullsWhereRatesWillBe() {
    var window = Window.test()
    let text = String(
      decoding: SystemText.make(window.add(.at(1000, [Process()])), AnswerEncoder.test.run, .off),
      as: UTF8.self)
    #expect(text.contains("\"cpu\":{\"now\":null,\"window\":null}"))
    #expect(text.contains("\"ledger\":{\"now\":null,\"window\":null}"))
    #expect(text.contains("\"interval_seconds\":null"))
  }
}

extension RecorderState {
  /// Switched off at the beginning of time.
  fileprivate static let off = RecorderState(isOn: false, since: 0, limit: 256 << 20)
}
