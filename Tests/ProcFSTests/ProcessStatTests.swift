import ProcFS
import Testing

@Suite struct ProcessStatTests {
  private func parse(_ text: String) throws -> ProcessStat {
    try ProcessStat(parsing: Array(text.utf8).span, file: "stat")
  }

  @Test func readsEachField() throws {
    let stat = try parse(
      statLine(
        pid: 7, name: "make", state: "R", ppid: 3, user: 11, system: 12, childrenUser: 13,
        childrenSystem: 14, threads: 5, start: 777, pages: 99))
    #expect(stat.identity == ProcessIdentity(pid: 7, startTicks: 777))
    #expect(stat.name == "make")
    #expect(stat.state == .running)
    #expect(stat.parentPID == 3)
    #expect(stat.cpu == CPUTicks(user: 11, system: 12))
    #expect(stat.childrenCPU == CPUTicks(user: 13, system: 14))
    #expect(stat.threads == 5)
    #expect(stat.residentPages == 99)
    #expect(!stat.isKernelThread)
  }

  @Test func parsesALineFromARealMachine() throws {
    let line =
      "16 (ksoftirqd/0) S 2 0 0 0 -1 69238848 0 0 0 0 3 41 0 0 20 0 1 0 15 0 0 18446744073709551615 0 0 0 "
      + "0 0 0 0 2147483647 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n"
    let stat = try parse(line)
    #expect(stat.name == "ksoftirqd/0")
    #expect(stat.isKernelThread)
    #expect(stat.cpu == CPUTicks(user: 3, system: 41))
  }

  @Test(arguments: [
    "a b c", "a) S 1 (b", ")", "(", "((()))", "", " ", "new\nline", "tab\there", "quo\"te\\",
    "ünïcode",
    "<img src=x onerror=alert(1)>", "42 (x) R 1 2 3",
  ])
  func aNameMayContainAnything(_ name: String) throws {
    let stat = try parse(statLine(name: name, user: 5))
    #expect(stat.name == name)
    #expect(stat.cpu.user == 5)
  }

  @Test func replacesInvalidUTF8() throws {
    var bytes = Array(statLine(name: "x").utf8)
    bytes.replaceSubrange(4..<5, with: [0x78, 0xFF, 0xC3, 0x78])
    let stat = try ProcessStat(parsing: bytes.span, file: "stat")
    #expect(stat.name == "x\u{FFFD}\u{FFFD}x")
  }

  @Test func replacesATruncatedMultibyteCharacter() throws {
    var bytes = Array(statLine(name: "x").utf8)
    bytes.replaceSubrange(4..<5, with: [0x78, 0xE2, 0x82])
    #expect(try ProcessStat(parsing: bytes.span, file: "stat").name == "x\u{FFFD}")
  }

  @Test(arguments: [
    ("", "pid"), ("abc", "pid"), ("-3 (x) S 1", "pid"), ("99999999999 (x) S", "pid"),
    ("42", "comm"),
    ("42 (x", "comm"), ("42 )x( S 1", "comm"), ("42 (x)", "state"), ("42 (x) ? 1", "state"),
    ("42 (x) SS 1", "state"), ("42 (x) S", "ppid"), ("42 (x) S one", "ppid"),
    ("42 (x) S 1 42 42 0 -1", "flags"),
    ("42 (x) S 1 42 42 0 -1 4194304 101 0 0 0", "utime"),
    ("42 (x) S 1 42 42 0 -1 4194304 101 0 0 0 5.5", "utime"),
    ("42 (x) S 1 42 42 0 -1 4194304 101 0 0 0 18446744073709551615", "utime"),
    ("42 (x) S 1 42 42 0 -1 4194304 101 0 0 0 5", "stime"),
    ("42 (x) S 1 42 42 0 -1 4194304 101 0 0 0 5 99999999999999999999", "stime"),
    ("42 (x) S 1 42 42 0 -1 4194304 101 0 0 0 5 6 7", "cstime"),
    ("42 (x) S 1 42 42 0 -1 4194304 101 0 0 0 5 6 7 8 20 0", "num_threads"),
    ("42 (x) S 1 42 42 0 -1 4194304 101 0 0 0 5 6 7 8 20 0 1 0", "starttime"),
    ("42 (x) S 1 42 42 0 -1 4194304 101 0 0 0 5 6 7 8 20 0 1 0 1000 5", "rss"),
  ])
  func anInvalidLineIsAnErrorWithFileAndField(_ line: String, _ field: String) {
    #expect(throws: ProcError.malformed(file: "stat", field: field)) { try parse(line) }
  }

  @Test func everyPrefixOfALineParsesOrIsAParseError() throws {
    let line = Array(statLine(name: "a) (b", user: 123, system: 456).utf8)
    for length in 0..<line.count {
      let prefix = Array(line[..<length])
      do throws(ProcError) {
        let stat = try ProcessStat(parsing: prefix.span, file: "stat")
        #expect(stat.name == "a) (b" || length < 20)
      } catch {
        guard case .malformed(let file, let field) = error else {
          Issue.record("not a parse error: \(error)")
          return
        }
        #expect(file == "stat" && !field.isEmpty)
      }
    }
  }

  @Test func aNegativeTimeCountsAsZero() throws {
    let stat = try parse(statLine(childrenUser: -3, pages: -1))
    #expect(stat.childrenCPU.user == 0)
    #expect(stat.residentPages == 0)
  }

  @Test func readsFaultsAndScheduling() throws {
    let stat = try parse(
      "42 (x) S 1 42 42 0 -1 4194304 101 5 7 3 5 6 7 8 20 -5 1 0 1000 9999360 256 18446744073709551615 "
        + "1 1 0 0 0 0 0 0 0 0 0 0 17 11 0 3 0 0 0\n")
    #expect(stat.faults == PageFaults(minor: 101, major: 7))
    #expect(stat.scheduling == ProcessScheduling(nice: -5, policy: .batch, processor: 11))
  }

  /// An old kernel, or the short lines of a recording.
  @Test func aLineThatEndsEarlyHasNoPolicy() throws {
    let stat = try parse(
      "42 (x) S 1 42 42 0 -1 4194304 101 5 7 3 5 6 7 8 20 19 1 0 1000 9999360 256")
    #expect(stat.scheduling == ProcessScheduling(nice: 19))
  }

  @Test func anUnknownPolicyIsNone() {
    #expect(
      (0...8).map { SchedulingPolicy(number: $0) } == [
        .other, .fifo, .rr, .batch, nil, .idle, .deadline, .ext, nil,
      ])
  }

  @Test func boundsAnImplausibleResidentSize() throws {
    for pages in [1 << 52, Int.max] {
      #expect(try parse(statLine(pages: pages)).residentPages == 1 << 38)
    }
  }
}

@Suite struct ProcessStateTests {
  @Test func everyKernelLetterHasPsutilsName() {
    let words = "RSDTtZXxIPKW".utf8.map { ProcessState(letter: $0)?.rawValue }
    #expect(
      words == [
        "running", "sleeping", "disk-sleep", "stopped", "tracing-stop", "zombie", "dead", "dead",
        "idle",
        "parked", "wake-kill", "waking",
      ])
    #expect(ProcessState(letter: UInt8(ascii: "Q")) == nil)
  }
}

@Suite struct CPUTicksTests {
  @Test func aCounterThatGoesBackGivesNoNegativeTime() {
    let before = CPUTicks(user: 10, system: 5)
    #expect(CPUTicks(user: 9, system: 7).growth(since: before) == CPUTicks(user: 0, system: 2))
  }
}
