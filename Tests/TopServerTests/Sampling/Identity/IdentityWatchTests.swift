import Dispatch
import Linux
import ProcFS
import Synchronization
import TestSupport
import Testing

@testable import TopServer

@Suite struct IdentityWatchTests {
  /// Blocks the readings of some processes until they are let go.
  private final class Gates: Sendable {
    private let gates: [Int32: DispatchSemaphore]
    private let asked = Mutex<[Int32]>([])

    init(_ pids: Int32...) {
      gates = Dictionary(uniqueKeysWithValues: pids.map { ($0, DispatchSemaphore(value: 0)) })
    }

    func read(_ errand: IdentityErrand) -> IdentityReading {
      asked.withLock { $0.append(errand.identity.pid) }
      gates[errand.identity.pid]?.wait()
      return .test("worker", exe: "/bin/p\(errand.identity.pid)")
    }

    func open(_ pid: Int32) { gates[pid]?.signal() }

    func count(of pid: Int32) -> Int { asked.withLock { $0.count { $0 == pid } } }
  }

  private let time = Latest<Int64>(1_000_000_000)

  private func watch(_ gates: Gates) -> IdentityWatch {
    let time = time
    return IdentityWatch(
      commandLines: .off, makeReader: { { gates.read($0) } }, now: { time.value })
  }

  private func sweep(_ pids: Int32...) -> ProcessSweep {
    ProcessSweep(processes: pids.map { Process(pid: $0).entry })
  }

  private func program(_ pid: Int32, in watch: IdentityWatch) -> String? {
    var program: String?
    watch.use { book in
      var place = 0
      program =
        book.details(of: ProcessIdentity(pid: pid, startTicks: 0), from: &place)?.program
    }
    return program
  }

  @Test func aNewProcessHasItsDetailsInItsFirstSample() {
    let watch = watch(Gates())
    watch.follow(sweep(7))
    #expect(program(7, in: watch) == "p7")
    watch.follow(sweep(7, 8))
    #expect(program(8, in: watch) == "p8")
  }

  @Test func aHangingProcessDelaysOneSampleAndNoOther() async throws {
    let gates = Gates(7)
    let watch = watch(gates)
    watch.follow(sweep(3))
    #expect(program(3, in: watch) == "p3")
    watch.follow(sweep(3, 7, 9))
    #expect(program(9, in: watch) == nil)
    // From now on no sample waits: with a gate that never opens, these take no time.
    for _ in 0..<1000 {
      watch.follow(sweep(3, 7, 9))
      #expect(program(3, in: watch) == "p3")
    }
    // Another thread continues with the rest, and leaves the hanging process alone.
    time.publish(time.value + IdentityWatch.stallTime)
    watch.follow(sweep(3, 7, 9))
    try await eventually { program(9, in: watch) == "p9" }
    #expect(gates.count(of: 7) == 1)
    gates.open(7)
    try await eventually { program(7, in: watch) == "p7" }
    watch.follow(sweep(3, 7, 9, 11))
    #expect(program(11, in: watch) == "p11")
  }

  @Test func onlySomeThreadsMayHang() async throws {
    let gates = Gates(1, 2, 3, 4, 5, 6, 7)
    let watch = watch(gates)
    for hanging in Int32(1)...5 {
      watch.follow(sweep(1, 2, 3, 4, 5, 6, 7))
      try await eventually { gates.count(of: hanging) == 1 }
      time.publish(time.value + IdentityWatch.stallTime)
    }
    // Four were replaced, and the fifth must answer first.
    watch.follow(sweep(1, 2, 3, 4, 5, 6, 7))
    #expect(gates.count(of: 6) == 0)
    for pid in Int32(1)...7 { gates.open(pid) }
    try await eventually {
      watch.follow(sweep(1, 2, 3, 4, 5, 6, 7))
      return (1...7).allSatisfy { program($0, in: watch) == "p\($0)" }
    }
  }

  @Test func groupsAreCheckedOnlyWhereThePIDsAreOurs() async throws {
    let checks = Latest(0)
    let time = time
    let watch = IdentityWatch(
      commandLines: .off, makeReader: { { _ in .test("worker") } },
      check: { groups in
        checks.update { $0 += groups.count }
        return []
      }, now: { time.value })
    var sweep = sweep(1, 2, 3, 4)
    sweep.slowReason = "another namespace"
    for reason in ["another namespace", nil] {
      sweep.slowReason = reason
      for _ in 0..<3 {
        watch.follow(sweep)
        _ = program(1, in: watch)
        time.publish(time.value + GroupCheck.period)
      }
      if reason != nil { #expect(checks.value == 0) }
    }
    try await eventually {
      watch.follow(sweep)
      return checks.value > 0
    }
  }
}
