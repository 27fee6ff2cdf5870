import Linux
import MicroHTTPD
import ProcFS
import Testing

@testable import TopServer

@Suite struct CPUUsageTextTests {
  private let userNames = UserNames.test { "user\($0)" }

  /// Whatever happened before, the text is the one that would have been made from nothing.
  @Test(arguments: [
    "", "fields=all", "fields=name,user_now,window_seconds&sort=name", "limit=3", "scale=host",
    "name=w1",
    "sort=rss_bytes&order=asc", "fields=pid,children_user_avg,children_sys_avg",
  ])
  func takingOverUnchangedRowsGivesTheSameText(_ text: String) throws {
    let query = try CPUUsageQuery(try RequestTarget("/cpu_usage?" + text).query)
    var random = SplitMix(state: 7)
    var machine = SimulatedMachine(lastPID: 50)
    var window = Window.test(seconds: 5)
    var before: CPUUsageText?
    for second in 0..<60 {
      for _ in 0..<100 { machine.pass() }
      for _ in 0..<20 {
        if let worker = machine.alive.randomElement(using: &random) {
          machine.work(worker, inSystem: random.next() % 2 == 0)
        }
      }
      machine.fork(1)
      if second % 3 == 0, let ending = machine.alive.last, ending != 1 {
        machine.exit(ending)
        machine.wait(for: ending)
      }
      let snapshot = window.add(
        machine.sample { process in
          process.name = "w\(process.pid)"
          process.uid = UInt32(second / 20)
          if second > 30, process.pid % 7 == 0 { process.state = .stopped }
        })
      let reusing = try CPUUsageText(query, snapshot, userNames, after: before)
      let fresh = try CPUUsageText(query, snapshot, userNames)
      #expect(reusing.body.bytes == fresh.body.bytes, "second \(second)")
      before = reusing
    }
  }

  /// Another order, a limit, a filter: the rows are the same.
  @Test(arguments: ["sort=name", "limit=3", "name=w1&order=asc", "fields=all", "scale=host"])
  func takingOverTheRowsOfAnotherQueryGivesTheSameText(_ text: String) throws {
    let queries = try ["", text].map {
      try CPUUsageQuery(try RequestTarget("/cpu_usage?" + $0).query)
    }
    var window = Window.test()
    _ = window.add(.at(1000, (1...30).map { Process(pid: $0, name: "w\($0)") }))
    let snapshot = window.add(
      .at(1001, (1...30).map { Process(pid: $0, name: "w\($0)", user: UInt64($0 % 7)) }))
    for (one, other) in [(queries[0], queries[1]), (queries[1], queries[0])] {
      let before = try CPUUsageText(one, snapshot, userNames)
      let reusing = try CPUUsageText(other, snapshot, userNames, after: before)
      let fresh = try CPUUsageText(other, snapshot, userNames)
      #expect(reusing.body.bytes == fresh.body.bytes)
    }
  }

  @Test func aNameThatComesLaterTakesThePlaceOfItsNumber() throws {
    let query = try CPUUsageQuery(try RequestTarget("/cpu_usage?fields=pid,user").query)
    let pending = HeldWork()
    let names = UserNames(lookUp: { .name("user\($0)") }, run: { pending.add($0) })
    var window = Window.test()
    let snapshot = window.add(.at(1000, [Process(pid: 5, uid: 7)]))
    let first = try CPUUsageText(query, snapshot, names)
    #expect(String(decoding: first.body.bytes, as: UTF8.self).contains(#""user":"7""#))
    #expect(!first.users.isComplete)
    pending.run()
    // Nothing else of the row has changed.
    let second = try CPUUsageText(query, snapshot, names, after: first)
    #expect(String(decoding: second.body.bytes, as: UTF8.self).contains(#""user":"user7""#))
    #expect(second.users.isComplete)
  }

  @Test func anotherNumberOfCPUsIsAnotherText() throws {
    let query = try CPUUsageQuery(try RequestTarget("/cpu_usage?scale=host&fields=user_avg").query)
    var window = Window.test()
    _ = window.add(.at(1000, cpus: 2, [Process(pid: 5)]))
    let two = try CPUUsageText(
      query, window.add(.at(1001, cpus: 2, [Process(pid: 5, user: 50)])), userNames)
    let four = try CPUUsageText(
      query, window.add(.at(1002, cpus: 4, [Process(pid: 5, user: 100)])), userNames, after: two)
    #expect(String(decoding: two.body.bytes, as: UTF8.self).contains("25.0"))
    #expect(String(decoding: four.body.bytes, as: UTF8.self).contains("12.5"))
  }
}
