import Linux
import ProcFS
import Testing

@Suite struct SystemStatTests {
  private func parse(_ text: String) throws -> SystemStat {
    try SystemStat(parsing: Array(text.utf8).span, file: "stat")
  }

  @Test func countsOnlineCPUs() throws {
    let stat = try parse(
      "cpu  9 0 9 9\ncpu0 1 2 3 4\ncpu3 1 2 3 4\nintr 5 6\nctxt 7\nbtime 1700000000\n")
    #expect(stat.cpuCount == 2)
    #expect(stat.bootTime == 1_700_000_000)
  }

  @Test func guestTimeIsCountedOnce() throws {
    let modes = try parse(
      "cpu  100 50 30 1000 20 3 4 5 60 10\ncpu0 1\nbtime 1\nprocesses 77\n"
    ).modes
    #expect(modes.user == 40 && modes.nice == 40 && modes.guest == 70)
    #expect(modes.busy == 100 + 50 + 30 + 3 + 4 + 5)
    #expect(modes.total == modes.busy + 1020)
  }

  @Test func oldKernelsHaveFewerModesAndNoForkCount() throws {
    let stat = try parse("cpu 1 2 3 4\ncpu0 1\nbtime 1\n")
    #expect(stat.modes.busy == 6 && stat.modes.total == 10)
    #expect(stat.forks == nil)
    #expect(try parse("cpu 1 2 3 4\ncpu0 1\nbtime 1\nprocesses 9\n").forks == 9)
  }

  @Test(arguments: ["", "cpu 1 2\ncpu0 1\nbtime 5\n", "cpu 1 2 x 4\ncpu0 1\n", "cpu0 1 2 3 4\n"])
  func throwsWithoutTheLineForAllCPUs(_ text: String) {
    #expect(throws: ProcError.malformed(file: "stat", field: "cpu")) { try parse(text) }
  }

  @Test func aMissingLineCostsOnlyItsOwnValue() throws {
    let lines = ["intr 9 8\n", "ctxt 7\n", "btime 5\n", "processes 6\n", "procs_running 1\n"]
    for missing in lines.indices {
      let rest = lines.indices.filter { $0 != missing }.map { lines[$0] }.joined()
      let stat = try parse("cpu 1 2 3 4\ncpu0 1\ncpu1 1\n\(rest)")
      #expect(stat.modes.busy == 6 && stat.cpuCount == 2)
      #expect(stat.bootTime == (missing == 2 ? nil : 5))
      #expect(stat.forks == (missing == 3 ? nil : 6))
    }
    #expect(try parse("cpu 1 2 3 4\nbtime\nprocesses x\n").bootTime == nil)
    #expect(try parse("cpu 1 2 3 4\n").cpuCount == Machine.onlineCPUs)
  }

  @Test func ignoresATruncatedNumber() throws {
    let text = "cpu  1 2 3 4\ncpu0 1 2 3 4\ncpu1 1 2 3 4\nbtime 1700000000\nprocesses 1234567\n"
    for length in 0..<text.utf8.count {
      guard let stat = try? parse(String(text.prefix(length))) else { continue }
      #expect(stat.bootTime == nil || stat.bootTime == 1_700_000_000)
      #expect(stat.forks == nil)
    }
    #expect(try parse(text).forks == 1_234_567)
  }

  private func modes(_ counters: String) throws -> CPUModes {
    try parse("cpu \(counters)\ncpu0 1\nbtime 1\n").modes
  }

  private func changes(_ before: String, _ after: String) throws -> [CPUModes.Part: Int64] {
    let (before, after) = (try modes(before), try modes(after))
    let changes = CPUModes.Part.allCases.map { ($0, after.change(of: $0, since: before)) }
    return Dictionary(uniqueKeysWithValues: changes).filter { $0.value != 0 }
  }

  @Test func partsMayGrowAndShrink() throws {
    #expect(
      try changes("100 0 50 900 30 0 0 0 0 0", "110 0 40 800 31 0 0 0 5 0")
        == [.user: 5, .guest: 5, .system: -10, .idle: -100, .iowait: 1])
  }

  /// 2^64 - 1 is a counter that dropped below zero.
  @Test(arguments: ["18446744073709551615", "-1", "x", "99999999999999999999999"])
  func anUnreadablePartDoesNotChange(_ text: String) throws {
    let good = "100 20 50 900 30 4 5 6 70 8"
    for (index, part) in [4: CPUModes.Part.iowait, 5: .irq, 6: .softirq, 7: .steal] {
      var words = good.split(separator: " ").map(String.init)
      words[index] = text
      let bad = words.joined(separator: " ")
      #expect(try modes(bad).unreadable == [part])
      #expect(try changes(good, bad).isEmpty && changes(bad, good).isEmpty)
    }
    for index in 0..<4 {
      var words = good.split(separator: " ").map(String.init)
      words[index] = text
      let bad = words.joined(separator: " ")
      #expect(throws: ProcError.malformed(file: "stat", field: "cpu")) { try modes(bad) }
    }
  }

  @Test func partsBeyondATruncatedLineDoNotChange() throws {
    #expect(try changes("100 0 50 900", "101 0 50 950 30 4 5 6") == [.user: 1, .idle: 50])
  }

  @Test func unreadableGuestTimeStaysInUserAndNice() throws {
    let good = "100 20 50 900 30 4 5 6 70 8"
    let bad = "110 20 50 900 30 4 5 6 -1 8"
    #expect(try changes(good, bad) == [.user: 10])
    #expect(try changes(bad, "115 20 50 900 30 4 5 6 80 8") == [.user: 5])
  }
}
