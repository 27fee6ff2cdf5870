import FoundationEssentials
import Linux
import MicroHTTPD
import ProcFS
import Testing

@testable import TopServer

/// A day in a minute: `make soak`.
///
/// It runs alone, since it looks at the memory of the whole test process.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["TOPSERVER_SOAK"] != nil))
struct SoakTests {
  private static let sweeps = 86_400

  @Test func aDayOfSweepsDoesNotGrowTheMemory() throws {
    var random = SplitMix(state: 1)
    var machine = SimulatedMachine(lastPID: 4_000)
    var window = Window.test()
    var answers = PreparedAnswers(window.add(machine.sample()), AnswerEncoder.test)
    var measured: [Int] = []
    for sweep in 1...Self.sweeps {
      live(&machine, &random)
      for target in ["/cpu_usage", "/cpu_usage?fields=all&limit=\(sweep % 50 + 1)", "/system"] {
        let document: Document = target == "/system" ? .system : .cpuUsage
        _ = try answers.response(document, for: try RequestTarget(target), gzip: sweep % 2 == 0)
      }
      answers = answers.successor(window.add(machine.sample()))
      answers.prepare { false }
      if sweep % (Self.sweeps / 10) == 0 { measured.append(try residentKilobytes()) }
    }
    print("resident kB at each tenth of the day: \(measured)")
    let settled = try #require(measured.first)
    let last = try #require(measured.last)
    // The first tenth fills caches; after that only the allocator's own variation is left.
    #expect(last < settled + 2048)
  }

  private func live(_ machine: inout SimulatedMachine, _ random: inout SplitMix) {
    for _ in 0..<100 { machine.pass() }
    for _ in 0..<8 {
      if let worker = machine.alive.randomElement(using: &random) {
        machine.work(worker, inSystem: random.next() % 3 == 0)
      }
    }
    if machine.alive.count < 30, let parent = machine.alive.randomElement(using: &random) {
      machine.fork(parent)
    }
    if random.next() % 2 == 0, let ending = machine.alive.dropFirst().randomElement(using: &random)
    {
      machine.exit(ending)
    }
    for zombie in machine.zombies { machine.wait(for: zombie) }
  }

  private func residentKilobytes() throws -> Int {
    var reader = ProcessReader(try ProcFS())
    let own = try reader.read().processes.first { $0.stat.identity.pid == Machine.ownPID }
    return Int(try #require(own).stat.residentPages) * Machine.pageSize / 1024
  }
}
