import Jansson
import ProcFS
import Testing

@testable import TopServer

@Suite struct ProcessGroupTests {
  private func row(
    _ pid: Int32, _ name: String = "a", user: Double? = nil, children: Double? = nil,
    window: Double? = 60, threads: Int32? = 1, memory: UInt64? = nil, uid: UInt32 = 0,
    details: ProcessDetails? = nil
  ) -> ProcessRow {
    ProcessRow(
      identity: ProcessIdentity(pid: pid, startTicks: UInt64(pid)), name: name, state: .sleeping,
      parentPID: 1, uid: uid, isKernelThread: false, threads: threads, residentBytes: memory,
      startTime: 0, average: user.map { CPUShare(user: $0, system: 0) }, window: window,
      childrenAverage: children.map { CPUShare(user: $0, system: 0) }, details: details)
  }

  private func groups(
    _ rows: [ProcessRow], by grouping: Grouping = .name, _ columns: [String] = [],
    users: KnownUsers = KnownUsers()
  ) -> [ProcessGroup] {
    var snapshot = GoldenMachine.bare
    snapshot.window = 60
    return ProcessGroup.all(
      of: rows, by: grouping, summing: columns.compactMap { CPUUsageColumn.named($0) },
      WindowWeight(snapshot), .init(users: users, fullCPU: 100))
  }

  private func details(_ path: String, program: String = "a") -> ProcessDetails {
    ProcessDetails(program: program, cgroup: CgroupIdentity("0::\(path)\n"))
  }

  @Test func aKeyIsThatOfTheGrouping() {
    let id = String(repeating: "ab", count: 32)
    let one = row(
      1, "postgres", details: details("/system.slice/docker-\(id).scope", program: "pg"))
    let other = row(2, "x", uid: 7)
    let users = KnownUsers([0: "root", 7: nil])
    func keys(_ grouping: Grouping) -> [String?] {
      groups([one, other], by: grouping, users: users).map(\.key)
    }
    #expect(keys(.program) == ["pg", "x"])
    #expect(keys(.name) == ["postgres", "x"])
    // A user that the database does not know has a number.
    #expect(keys(.user) == ["7", "root"])
    #expect(keys(.unit) == ["docker-\(id).scope", nil])
    #expect(keys(.container) == ["abababababab", nil])
    #expect(keys(.pod) == [nil])
    #expect(keys(.cgroup) == ["/system.slice/docker-\(id).scope", nil])
    #expect(keys(.state) == ["sleeping"])
  }

  @Test func everyProcessIsInOneGroup() {
    let groups = groups((1...100).map { row($0, "n\($0 % 7)") })
    #expect(groups.map(\.key) == (0..<7).map { "n\($0)" })
    #expect(groups.reduce(0) { $0 + $1.count } == 100)
  }

  @Test func anAverageCountsForTheTimeThatItCovers() {
    // Half a CPU over a minute, and a CPU for six seconds.
    let group = groups([row(1, user: 0.5), row(2, user: 1, window: 6)], ["user_avg"])[0]
    guard case .share(let sum?) = group.sums[0] else { return #expect(Bool(false)) }
    #expect(abs(sum - 0.6) < 1e-12)
    #expect(abs((group.cpu ?? 0) - 0.6) < 1e-12)
  }

  @Test func exitedChildrenBelongToTheGroupOfTheirParent() {
    let group = groups([row(1, "make", user: 0.1, children: 1.5)], ["children_user_avg"])[0]
    #expect(abs((group.cpu ?? 0) - 1.6) < 1e-12)
    guard case .share(let children?) = group.sums[0] else { return #expect(Bool(false)) }
    #expect(children == 1.5)
  }

  @Test func unknownValuesAddNothingAndAreUnknownOnlyTogether() {
    let columns = ["user_avg", "threads", "rss_bytes"]
    let some = groups(
      [
        row(1, user: nil, threads: nil, memory: 5), row(2, user: 0.25, threads: 3, memory: nil),
        row(3, user: nil, threads: nil, memory: 7),
      ], columns)[0]
    #expect(some.sums.map(\.number) == [0.25, 3, 12])
    let none = groups([row(1, threads: nil), row(2, threads: nil)], columns)[0]
    #expect(none.sums.map(\.number) == [nil, nil, nil])
    #expect(none.cpu == nil)
  }

  @Test func sumsAreRoundedOnce() {
    // Each is shown as 0.0, and all together are 0.4 percent.
    let group = groups((1...100).map { row($0, user: 0.00004) }, ["user_avg"])[0]
    let context = CPUUsageColumn.Context(users: KnownUsers(), fullCPU: 100)
    #expect(group.sums[0].json(context) == .real(0.4))
    #expect(row(1, user: 0.00004).average.map { context.percent($0.user) } == 0)
  }

  @Test func aSumThatDoesNotFitIsTheLargestNumber() {
    let group = groups([row(1, memory: .max), row(2, memory: .max)], ["rss_bytes"])[0]
    #expect(group.sums[0].number == Double(Int64.max))
  }

  @Test func tenPidsAreListedTheHottestFirst() {
    let rows = (1...30).map { row($0, user: Double($0 % 10) / 10, children: $0 == 20 ? 5 : nil) }
    #expect(groups(rows)[0].pids == [20, 9, 19, 29, 8, 18, 28, 7, 17, 27])
    #expect(groups((1...12).map { row($0) })[0].pids == Array(1...10))
    // An unknown use comes after a known one, even if that is zero.
    #expect(groups([row(1), row(2, user: 0)])[0].pids == [2, 1])
  }

  @Test func amountsAreSummedAndNothingElse() {
    let names = CPUUsageColumn.summed.map(\.name)
    #expect(
      Set(names).isSuperset(of: [
        "user_avg", "sys_avg", "user_now", "sys_now", "children_user_avg", "children_sys_avg",
        "children_user_now", "children_sys_now", "threads", "rss_bytes",
      ]))
    for name in ["pid", "ppid", "uid", "start_time", "window_seconds", "kernel", "name"] {
      #expect(!names.contains(name))
    }
  }
}
