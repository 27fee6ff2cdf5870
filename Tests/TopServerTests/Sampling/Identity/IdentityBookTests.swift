import ProcFS
import Testing

@testable import TopServer

extension IdentityReading {
  /// What the files of a process contain.
  static func test(
    _ arguments: String..., exe: String = "/usr/bin/worker", groups: String = "0::/\n"
  ) -> IdentityReading {
    IdentityReading(
      arguments: .bytes(arguments.flatMap { Array($0.utf8) + [0] }),
      executable: .bytes(Array(exe.utf8)), groups: .bytes(Array(groups.utf8)))
  }
}

/// A book, a clock, and what the files of each process contain.
struct BookScene {
  var book: IdentityBook
  var seconds = 0.0
  var sweeps = 0
  /// What readings find; the others have exited.
  var files: [Int32: IdentityReading] = [:]

  init(commandLines: CommandLines = .off) {
    book = IdentityBook(commandLines: commandLines)
  }

  /// Sweeps, and reads what the book asks for.
  ///
  /// - Parameter ran: The processes that ran since the last sweep.
  /// - Returns: The errands.
  @discardableResult
  mutating func sweep(
    _ processes: [Process], ran: Set<Int32> = [], after pause: Double = 1
  ) -> [IdentityErrand] {
    seconds += pause
    let entries = processes.sorted { $0.pid < $1.pid }.map { process in
      var entry = process.entry
      entry.ranInSweep = ran.contains(process.pid) ? sweeps : 0
      return entry
    }
    sweeps += 1
    book.follow(entries, at: now)
    var errands: [IdentityErrand] = []
    while let errand = book.next(isFresh: false) {
      errands.append(errand)
      book.learn(files[errand.identity.pid] ?? IdentityReading(), for: errand, at: now)
    }
    return errands
  }

  var now: Int64 { Int64(seconds * 1e9) }

  func details(_ pid: Int32, start: UInt64 = 0) -> ProcessDetails? {
    var place = 0
    return book.details(of: ProcessIdentity(pid: pid, startTicks: start), from: &place)
  }
}

@Suite struct IdentityBookTests {
  private var scene = BookScene()

  @Test mutating func aNewProcessIsReadOnce() {
    scene.files[7] = .test("worker")
    #expect(scene.sweep([Process(pid: 7)]).map(\.scope) == [.everything])
    #expect(scene.details(7)?.program == "worker")
    #expect(scene.details(7)?.executable?.path == "/usr/bin/worker")
    #expect(scene.details(7)?.cgroup?.path == "/")
    #expect(scene.sweep([Process(pid: 7)]) == [])
  }

  @Test mutating func anotherNameOfTheKernelIsReadAtOnce() {
    scene.files[7] = .test("bash", exe: "/bin/bash")
    scene.sweep([Process(pid: 7, name: "bash")])
    scene.files[7] = .test("sleep", exe: "/bin/sleep")
    #expect(scene.sweep([Process(pid: 7, name: "sleep")], ran: [7]).count == 1)
    #expect(scene.details(7)?.program == "sleep")
  }

  @Test mutating func anExecWithTheSameNameIsSeenWithinTwoSeconds() {
    scene.files[7] = .test("python3", "a.py", exe: "/usr/bin/python3.11")
    scene.sweep([Process(pid: 7)])
    scene.files[7] = .test("python3", "b.py", exe: "/usr/bin/python3.11")
    scene.sweep([Process(pid: 7)], ran: [7])
    #expect(scene.details(7)?.program == "b.py")
  }

  /// A process that runs all the time is read after 1, 2, 4, 8 and 16 s, and then once in the period.
  @Test mutating func aRunningProcessIsReadLessAndLessOften() {
    scene.files[8] = .test("worker")
    var moments: [Double] = []
    for _ in 0..<120 {
      if !scene.sweep([Process(pid: 8)], ran: [8]).isEmpty { moments.append(scene.seconds) }
    }
    #expect(moments.prefix(6) == [1, 2, 4, 8, 16, 31])
    let pauses = zip(moments, moments.dropFirst()).map { $1 - $0 }
    #expect(pauses.max() ?? 0 <= 30)
    #expect(pauses.suffix(3).min() ?? 0 > 20)
  }

  @Test mutating func ofASleepingProcessOnlyTheGroupIsReadAgain() {
    scene.files[8] = .test("worker", groups: "0::/a.slice\n")
    scene.sweep([Process(pid: 8)])
    scene.files[8]?.groups = .bytes(Array("0::/b.slice\n".utf8))
    var errands: [IdentityErrand] = []
    while errands.isEmpty, scene.seconds < 60 { errands = scene.sweep([Process(pid: 8)]) }
    #expect(errands.map(\.scope) == [.group])
    #expect(scene.seconds <= 31)
    #expect(scene.details(8)?.cgroup?.unit == "b.slice")
    #expect(scene.details(8)?.program == "worker")
  }

  @Test mutating func nothingIsOlderThanThirtySecondsWithTenThousandSleepers() {
    let processes = (1...10_000).map { Process(pid: $0) }
    for process in processes { scene.files[process.pid] = .test("worker") }
    #expect(scene.sweep(processes).count == 10_000)
    var last: [Int32: Double] = [:]
    var oldest = 0.0
    var most = 0
    for _ in 0..<70 {
      let errands = scene.sweep(processes)
      most = max(most, errands.count)
      for errand in errands {
        oldest = max(oldest, scene.seconds - (last[errand.identity.pid] ?? 1))
        last[errand.identity.pid] = scene.seconds
      }
    }
    #expect(last.count == 10_000)
    #expect(oldest <= 30)
    #expect(most < 2000)
  }

  /// An upgrade replaces the file of a program that sleeps.
  @Test mutating func aDeletedExecutableOfSleepersIsFoundByReadingOne() {
    let processes = (1...6).map { Process(pid: $0) }
    for process in processes { scene.files[process.pid] = .test("w", exe: "/usr/bin/w") }
    scene.files[6] = .test("other", exe: "/usr/bin/other")
    scene.sweep(processes)
    for pid in Int32(1)...5 { scene.files[pid] = .test("w", exe: "/usr/bin/w (deleted)") }
    scene.book.checkExecutables()
    var read: [Int32] = []
    while let errand = scene.book.next(isFresh: false) {
      #expect(errand.scope == .executable)
      read.append(errand.identity.pid)
      scene.book.learn(scene.files[errand.identity.pid] ?? .init(), for: errand, at: scene.now)
    }
    #expect(read == [1, 6])
    #expect(scene.details(1)?.executable?.isDeleted == false)
    #expect(scene.sweep(processes).map(\.identity.pid) == [1, 2, 3, 4, 5])
    #expect(scene.details(5)?.executable?.isDeleted == true)
    #expect(scene.details(6)?.executable?.isDeleted == false)
  }

  @Test mutating func manyNewProcessesAreReadWithinTheBudget() {
    scene.sweep([])
    let storm = (1...1000).map { Process(pid: $0) }
    for process in storm { scene.files[process.pid] = .test("worker") }
    let counts = (0..<4).map { _ in scene.sweep(storm).count }
    #expect(counts == [256, 256, 256, 232])
    #expect(scene.details(1000)?.program == "worker")
  }

  @Test mutating func processesThatExitedAreForgotten() {
    scene.files[7] = .test("worker")
    scene.sweep([Process(pid: 7), Process(pid: 9)])
    scene.sweep([Process(pid: 9)])
    #expect(scene.book.count == 1)
    #expect(scene.details(7) == nil)
  }

  @Test mutating func aReusedPIDIsAnotherProcess() {
    scene.files[7] = .test("old", exe: "/bin/old")
    scene.sweep([Process(pid: 7, start: 1)])
    scene.files[7] = .test("new", exe: "/bin/new")
    scene.sweep([Process(pid: 7, start: 2)])
    #expect(scene.details(7, start: 1) == nil)
    #expect(scene.details(7, start: 2)?.program == "new")
  }

  @Test mutating func whatIsKnownStaysUntilTheProcessHasLeft() {
    scene.files[7] = .test("worker")
    scene.sweep([Process(pid: 7)])
    scene.files[7] = nil
    for _ in 0..<40 { scene.sweep([Process(pid: 7)], ran: [7]) }
    #expect(scene.details(7)?.program == "worker")
  }

  @Test mutating func aZombieIsNotRead() {
    #expect(scene.sweep([Process(pid: 7, state: .zombie)]) == [])
    #expect(scene.details(7) == nil)
  }

  @Test mutating func aKernelThreadKeepsTheKernelsNameWithoutAnotherReading() {
    scene.files[2] = .test(groups: "0::/\n")
    let first = scene.sweep([Process(pid: 2, name: "kworker/0:1-events", kernel: true)])
    #expect(first.map(\.scope) == [.group])
    #expect(scene.sweep([Process(pid: 2, name: "kworker/0:1-mm", kernel: true)], ran: [2]) == [])
    #expect(scene.details(2)?.program == "kworker/0:1-mm")
    #expect(scene.details(2)?.cgroup?.path == "/")
    #expect(scene.details(2)?.executable == nil)
  }

  @Test mutating func equalDetailsAreOneObject() {
    for pid in Int32(1)...3 { scene.files[pid] = .test("worker", pid == 3 ? "other" : "same") }
    scene.sweep((1...3).map { Process(pid: $0) })
    #expect(scene.details(1) === scene.details(2))
    // The arguments are not kept, and the program is the same.
    #expect(scene.details(1) === scene.details(3))
  }

  @Test mutating func refusalsAreCountedUntilTheProcessHasLeft() {
    scene.files[7] = IdentityReading(
      arguments: .bytes([]), executable: .notPermitted, groups: .notPermitted)
    scene.files[8] = IdentityReading(
      arguments: .notPermitted, executable: .notPermitted, groups: .bytes([]))
    scene.sweep([Process(pid: 7), Process(pid: 8)])
    #expect(scene.book.notPermitted == NotPermitted(executables: 2, arguments: 1, groups: 1))
    #expect(scene.details(7)?.executable == nil)
    #expect(scene.details(7)?.program == "worker")
    scene.sweep([Process(pid: 8)])
    #expect(scene.book.notPermitted == NotPermitted(executables: 1, arguments: 1, groups: 0))
    scene.files[8] = .test("worker")
    scene.sweep([Process(pid: 8)], ran: [8], after: 30)
    #expect(scene.book.notPermitted == NotPermitted())
  }

  @Test mutating func aHeldProcessIsLeftAloneUntilItAnswers() throws {
    scene.book.follow([Process(pid: 7).entry, Process(pid: 8).entry], at: 0)
    let next = scene.book.next(isFresh: true)
    let hanging = try #require(next)
    scene.book.hold(hanging.identity)
    scene.files[8] = .test("worker")
    #expect(scene.sweep([Process(pid: 7), Process(pid: 8)]).map(\.identity.pid) == [8])
    scene.book.learn(.test("late"), for: hanging, at: 5)
    #expect(scene.details(7)?.program == "worker")
  }

  // MARK: - Command lines

  @Test(
    arguments: [
      (CommandLines.off, nil), (.scrubbed, "worker --token ***"), (.full, "worker --token hunter2"),
    ] as [(CommandLines, String?)])
  func theSettingDecidesAboutTheCommand(setting: CommandLines, command: String?) {
    var scene = BookScene(commandLines: setting)
    scene.files[7] = .test("worker", "--token", "hunter2")
    scene.sweep([Process(pid: 7)])
    #expect(scene.details(7)?.command == command)
  }

  // MARK: - Hostile input

  @Test mutating func aTitleThatChangesEverySecondStaysBounded() {
    scene = BookScene(commandLines: .full)
    for second in 0..<20_000 {
      scene.files[7] = .test("worker title \(second)")
      scene.sweep([Process(pid: 7, name: "w\(second)")], ran: [7])
    }
    #expect(scene.details(7)?.command?.contains("title 19999") == true)
    #expect(scene.book.poolCount <= 1026)
  }

  @Test mutating func aDayOfDifferentProgramsStaysBounded() {
    for number in Int32(0)..<100_000 {
      let pid = 10 + number % 30_000
      scene.files = [
        pid: .test("p", exe: "/opt/program-\(number)", groups: "0::/app-\(number).scope\n")
      ]
      scene.sweep([Process(pid: pid, start: UInt64(number))])
    }
    #expect(scene.book.count == 1)
    #expect(scene.book.poolCount <= 1026)
    #expect(scene.details(10 + 99_999 % 30_000, start: 99_999)?.program == "program-99999")
  }

  @Test(arguments: [
    [UInt8](repeating: 0xFF, count: 2 << 20), Array("a\nb\u{1b}[31m\u{202E}".utf8) + [0, 0xC3, 0],
    [0, 0, 0], Array("only".utf8), [],
  ])
  func anyArgumentsGiveBoundedText(bytes: [UInt8]) {
    var scene = BookScene(commandLines: .full)
    scene.files[7] = IdentityReading(
      arguments: .bytes(Array(bytes.prefix(ArgumentList.mostBytes + 1))),
      executable: .bytes(bytes.prefix(4096).map { $0 }), groups: .bytes(bytes))
    scene.sweep([Process(pid: 7)])
    let details = scene.details(7)
    #expect((details?.program.utf8.count ?? 0) <= ProgramName.mostBytes)
    #expect((details?.command?.utf8.count ?? 0) <= CommandLineText.mostBytes)
    #expect((details?.executable?.path.utf8.count ?? 0) <= ExecutablePath.mostBytes)
    for text in [details?.program, details?.command, details?.executable?.path] {
      #expect(text?.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F } != false)
    }
  }
}

@Suite struct CgroupCacheTests {
  private var cache = CgroupCache()

  @Test mutating func aTextIsParsedOnce() {
    let text = Array("0::/a.service\n".utf8)
    let first = cache.text(text)
    #expect(first.identity.unit == "a.service")
    #expect(first.membership.unified == "/a.service")
    #expect(cache.text(text) === first)
  }

  @Test mutating func itIsBoundedInTextsAndBytes() {
    for number in 0..<10_000 { _ = cache.text(Array("0::/\(number)\n".utf8)) }
    #expect(cache.count <= CgroupCache.mostTexts)
    for number in 0..<1000 {
      _ = cache.text(Array("0::/\(number)\(String(repeating: "x", count: 4000))\n".utf8))
    }
    #expect(cache.bytes <= CgroupCache.mostBytes)
    let count = cache.count
    _ = cache.text([UInt8](repeating: 0x78, count: CgroupCache.longestText + 1))
    #expect(cache.count == count)
  }
}

@Suite struct GroupCheckTests {
  private let text = CgroupText(Array("1:name=systemd:/s\n2:cpu:/c\n3:memory:/m\n0::/u\n".utf8))

  private func missing(_ lists: [String: [Int32]]) -> [Set<Int32>] {
    GroupCheck.run([.init(text: text, pids: [2, 5, 9])]) { lists[$1] }.map(\.missing)
  }

  @Test func aProcessMustBeOnTheListsOfAllHierarchies() {
    #expect(missing(["/s": [2, 5, 9], "/c": [1, 2, 3, 5, 9, 11], "/u": [2, 5, 9]]) == [[]])
    #expect(missing(["/s": [2, 9], "/c": [2, 5, 9], "/u": [2, 5]]) == [[5, 9]])
    #expect(missing(["/s": [], "/c": [2, 5, 9], "/u": [2, 5, 9]]) == [[2, 5, 9]])
  }

  @Test func aGroupWithoutAListHasNoResult() {
    #expect(missing(["/s": [2, 5, 9], "/c": [2, 5, 9]]) == [])
    let other = CgroupText(Array("3:memory:/m\n".utf8))
    #expect(GroupCheck.run([.init(text: other, pids: [1])]) { _, _ in [] }.isEmpty)
  }

  @Test func eachListIsReadOnce() {
    var count = 0
    let same = CgroupText(Array("1:name=systemd:/s\n2:cpu:/c\n3:memory:/x\n0::/u\n".utf8))
    _ = GroupCheck.run([.init(text: text, pids: [1]), .init(text: same, pids: [2])]) { _, _ in
      count += 1
      return [1, 2]
    }
    #expect(count == 3)
  }

  @Test func aCheckedProcessNeedsNoReadingAndAMovedOneIsReadNext() {
    var scene = BookScene()
    let processes = (1...8).map { Process(pid: $0) }
    for process in processes { scene.files[process.pid] = .test("w", groups: "0::/u\n") }
    scene.sweep(processes)
    for second in 2...60 {
      let moved: Int32? = second == 50 ? 3 : nil
      if let moved { scene.files[moved]?.groups = .bytes(Array("0::/v.slice\n".utf8)) }
      let errands = scene.sweep(processes)
      #expect(errands.map(\.identity.pid) == (second == 51 ? [3] : []))
      if second % 10 == 0 {
        let groups = scene.book.groupsToCheck()
        #expect(groups.map(\.pids).first?.count ?? 0 >= 7)
        scene.book.settle(
          GroupCheck.run(groups) { _, _ in moved == nil ? Array(1...8) : [1, 2, 4, 5, 6, 7, 8] },
          from: scene.now)
      }
    }
    #expect(scene.details(3)?.cgroup?.unit == "v.slice")
  }

  @Test func smallGroupsAreNotChecked() {
    var scene = BookScene()
    for pid in Int32(1)...3 { scene.files[pid] = .test("w") }
    scene.sweep((1...3).map { Process(pid: $0) })
    #expect(scene.book.groupsToCheck().isEmpty)
  }
}
