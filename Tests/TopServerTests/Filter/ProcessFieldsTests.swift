import ProcFS
import Testing

@testable import TopServer

@Suite struct ProcessFieldsTests {
  private let row = ProcessRow(
    identity: ProcessIdentity(pid: 42, startTicks: 7), name: "postgres", state: .diskSleep,
    parentPID: 1,
    uid: 1000, isKernelThread: false, threads: 3, residentBytes: 300 << 20, startTime: 1000,
    average: CPUShare(user: 0.04, system: 0.03), window: 60,
    recent: CPUShare(user: 0.5, system: 0.25))

  private func accepts(_ text: String, fullCPU: Double = 100) throws -> Bool {
    let filter = try Filter(text, fields: ProcessFields.names)
    let context = ProcessFields.Context(
      columns: .init(users: KnownUsers([1000: "ada"]), fullCPU: fullCPU), now: 1090)
    return try filter.accepts(in: filter.run()) { ProcessFields.value(of: $0, row, context) }
  }

  @Test(arguments: [
    "pid = 42", "ppid = 1", "parent = 1", "name = postgres", "GRES", "user = ada", "uid = 1000",
    "status = disk-sleep",
    "state = disk-sleep", "user_avg = 4", "sys_avg = 3", "cpu = 7", "cpu_now = 75",
    "user_now > 49.9%",
    "rss = 300MiB", "rss_bytes >= 300MiB", "threads = 3", "age = 90", "age < 5m", "not kernel",
    "window_seconds = 1m", "children_user_avg != 0", "not children_user_avg < 1",
  ])
  func valuesAreThoseOfTheColumns(text: String) throws {
    #expect(try accepts(text))
  }

  /// The window varies by microseconds from sample to sample.
  @Test func timesAreComparedAsTheAnswerShowsThem() throws {
    var row = row
    row.window = 59.9987
    let filter = try Filter("window_seconds = 60", fields: ProcessFields.names)
    let context = ProcessFields.Context(
      columns: .init(users: KnownUsers(), fullCPU: 100), now: 1090)
    #expect(try filter.accepts(in: filter.run()) { ProcessFields.value(of: $0, row, context) })
  }

  @Test(arguments: [
    ("user = ada", true), ("cpu > 5 and not (kernel or user ~ a)", true), ("uid = 7", false),
    ("user", false), ("cpu > 5 and name = user", false),
  ])
  func aFilterKnowsWhetherItReadsUsers(text: String, reads: Bool) throws {
    let filter = try Filter(text == "user" ? "\"user\"" : text, fields: ProcessFields.names)
    #expect(ProcessFields.readsUsers(filter) == reads)
  }

  @Test func percentFollowsTheScale() throws {
    #expect(try accepts("cpu = 3.5", fullCPU: 50))
  }

  @Test func everyColumnButMomentsIsAField() {
    let names = Set(ProcessFields.names.all.map(\.name))
    for column in CPUUsageColumn.all {
      #expect(names.contains(column.name) == (column.name != "start_time"), "\(column.name)")
    }
    #expect(names.isSuperset(of: ["cpu", "cpu_now", "age"]))
    #expect(throws: FilterError.self) { try Filter("state = slow", fields: ProcessFields.names) }
  }
}
