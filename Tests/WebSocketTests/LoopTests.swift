import Glibc
import Linux
import TestSupport
import Testing

@testable import WebSocket

@Suite("WebSocket loop", .timeLimit(.minutes(2)))
struct LoopTests {
  // MARK: - Messages

  @Test("A message is answered, and a close is echoed before the connection ends")
  func conversation() async throws {
    let bench = try LoopBench()
    let wire = try bench.connect(peer: "10.0.0.7")
    try wire.send(.text("hello"))
    #expect(try wire.frame() == .text("hello"))
    try wire.send(.close(1000, "bye"))
    #expect(try wire.frame() == .close(1000, "bye"))
    #expect(try wire.frame() == nil)
    try await eventually { bench.releases == 1 }
    let id = try #require(bench.recorder.ids.first)
    #expect(
      bench.recorder.events == [
        .opened(id, "10.0.0.7"), .received("hello", id),
        .closed(id, WebSocketClosure(cause: .peer, code: 1000, reason: "bye")),
      ])
  }

  @Test("Bytes received with the handshake are processed, even incomplete frames")
  func earlyBytes() throws {
    let bench = try LoopBench()
    let bytes = Frame.text("one").masked + Frame.text("two").masked
    let wire = try bench.connect(earlyBytes: Array(bytes.dropLast(3)))
    #expect(try wire.frame() == .text("one"))
    try wire.send(Array(bytes.suffix(3)))
    #expect(try wire.frame() == .text("two"))
  }

  @Test("The handler chooses a reply, silence, or a close with code and reason")
  func answers() throws {
    let recorder = Recorder { text in
      switch text {
      case "quiet": .silence
      case "end": .close(code: 1008, reason: "enough")
      default: .reply([0x21])
      }
    }
    let wire = try LoopBench(recorder: recorder).connect()
    for text in ["quiet", "a", "end", "b"] { try wire.send(.text(text)) }
    #expect(try wire.frame() == .text("!"))
    #expect(try wire.frame() == .close(1008, "enough"))
    try wire.send(.close(1008, "enough"))
    #expect(try wire.frame() == nil)
    // Messages after the close were ignored.
    #expect(recorder.texts == ["quiet", "a", "end"])
    #expect(recorder.closures == [WebSocketClosure(cause: .us, code: 1008, reason: "enough")])
  }

  @Test("A binary message is refused by default")
  func binary() throws {
    let bench = try LoopBench()
    let wire = try bench.connect()
    try wire.send(Frame(opcode: 2, payload: [1]))
    #expect(try wire.frame() == .close(1003, "only text messages are supported"))
  }

  @Test("Other threads can send and close; both do nothing for an ended connection")
  func fromOutside() throws {
    let bench = try LoopBench()
    let wire = try bench.connect()
    try wire.send(.text("x"))
    #expect(try wire.frame() == .text("x"))
    let id = try #require(bench.recorder.ids.first)
    #expect(bench.loop.send(Array("news".utf8), to: id))
    #expect(try wire.frame() == .text("news"))
    bench.loop.close(id, code: 1008, reason: "no more")
    #expect(try wire.frame() == .close(1008, "no more"))
    bench.loop.close(id, code: 1000, reason: "again")
    try wire.send(.close(1008))
    #expect(try wire.frame() == nil)
    bench.loop.close(id, code: 1000, reason: "again")
    bench.loop.send([0x78], to: id)
    #expect(try bench.connect().send(.text("y")) == ())
  }

  @Test("Many connections are served at the same time")
  func many() throws {
    let bench = try LoopBench()
    let wires = try (0..<200).map { _ in try bench.connect() }
    for round in 0..<5 {
      for (number, wire) in wires.enumerated() { try wire.send(.text("\(round) \(number)")) }
      for (number, wire) in wires.enumerated() {
        #expect(try wire.frame() == .text("\(round) \(number)"))
      }
    }
    #expect(bench.recorder.texts.count == 1000)
  }

  @Test("The loop counts connections, messages and bytes")
  func statistics() async throws {
    let bench = try LoopBench { $0.connections = 2 }
    let wires = try (0..<3).map { _ in try bench.connect() }
    #expect(try wires[2].frame() == nil)
    for wire in wires[..<2] {
      try wire.send(.text("1234"))
      #expect(try wire.frame() == .text("1234"))
    }
    try wires[0].send(.close(1001))
    #expect(try wires[0].frame() == .close(1001))
    wires[1].close()
    try await eventually { bench.releases == 3 && bench.loop.statistics.open == 0 }
    let statistics = bench.loop.statistics
    #expect(statistics.opened == 2)
    #expect(statistics.refused == 1)
    #expect(statistics.messagesReceived == 2)
    #expect(statistics.messagesSent == 2)
    #expect(statistics.bytesReceived == 10 + 10 + 8)
    #expect(statistics.bytesSent == 6 + 6 + 4)
    #expect(statistics.closures == [1001: 1, 1006: 1])
  }

  // MARK: - Limits

  @Test("Connections per address are limited, and an ended one makes room")
  func connectionsPerAddress() async throws {
    let bench = try LoopBench { $0.connectionsPerAddress = 1 }
    let first = try bench.connect(peer: "a")
    #expect(!bench.loop.hasRoom(for: "a"))
    #expect(bench.loop.hasRoom(for: "b"))
    #expect(try bench.connect(peer: "a").frame() == nil)
    try first.send(.close(1000))
    #expect(try first.frame() == .close(1000))
    try await eventually { bench.loop.hasRoom(for: "a") }
    let second = try bench.connect(peer: "a")
    try second.send(.text("x"))
    #expect(try second.frame() == .text("x"))
  }

  @Test("A protocol violation is answered with a reason even if the peer keeps sending")
  func violation() async throws {
    let bench = try LoopBench()
    let wire = try bench.connect()
    try wire.send([0x81, 0xFF, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4])
    try wire.send([UInt8](repeating: 0, count: 100_000))
    #expect(try wire.frame() == .close(1009, "the message is too long"))
    #expect(try wire.frame() == nil)
    wire.close()
    try await eventually { bench.releases == 1 }
    #expect(bench.recorder.closures.map(\.code) == [1009])
  }

  @Test("A peer that sends without end after a violation is dropped")
  func endlessViolation() async throws {
    let bench = try LoopBench()
    let wire = try bench.connect()
    try wire.send([0xFF])
    let nonsense = [UInt8](repeating: 0xFF, count: 65_536)
    #expect(throws: SystemCallError.self) { while true { try wire.send(nonsense) } }
    try await eventually { bench.releases == 1 }
  }

  @Test("A client that never reads is not read from and is finally dropped")
  func neverReads() async throws {
    let bench = try LoopBench { $0.sendTimeout = .seconds(10) }
    let wire = try bench.connect()
    let ping = Frame.ping(String(repeating: "x", count: 125)).masked
    let pings = [UInt8]((0..<1000).map { _ in ping }.joined())
    // Nothing more is accepted when both directions are full.
    var sent = 0
    try await eventually {
      let more = wire.sendEagerly(pings)
      sent += more
      return more == 0 && sent > 0
    }
    #expect(sent < 4 << 20)
    #expect(bench.releases == 0)
    try await eventually {
      bench.advance(by: .seconds(1))
      return bench.releases == 1
    }
    #expect(bench.recorder.closures.map(\.cause) == [.lost])
  }

  @Test("300,000 pings are all answered with bounded memory, even if the answers are read late")
  func pings() async {
    // This needs its own process, to measure its memory.
    await #expect(processExitsWith: .success) {
      let bench = try LoopBench()
      let wire = try bench.connect()
      let ping = Frame.ping().masked
      let pings = [UInt8]((0..<300_000).map { _ in ping }.joined())
      let before = try residentBytes()
      var unsent = pings[...]
      var pongs = 0
      // Like a client that reads only when it cannot send.
      while pongs < 300_000 {
        let sent = wire.sendEagerly(unsent)
        unsent = unsent.dropFirst(sent)
        if sent == 0 { pongs += try #require(try wire.receive()).count / 2 }
      }
      // A sanitizer keeps freed memory.
      if unsafe getenv("TOPSERVER_SANITIZER") == nil {
        #expect(try residentBytes() < before + 4 << 20)
      }
      try wire.send(.text("still there"))
      #expect(try wire.frame() == .text("still there"))
    }
  }

  @Test("A client that does not read pushed messages is closed with 1008")
  func pushed() async throws {
    let bench = try LoopBench()
    let wire = try bench.connect()
    try await eventually { bench.recorder.ids.count == 1 }
    let text = [UInt8](repeating: 0x78, count: 60_000)
    for _ in 0..<200 { #expect(bench.loop.send(text, to: bench.recorder.ids[0])) }
    try await eventually {
      bench.advance(by: .seconds(1))
      return bench.releases == 1
    }
    #expect(bench.recorder.closures.map(\.code) == [1008])
    wire.close()
  }

  // MARK: - Times

  @Test("A silent client gets a ping and is dropped if it does not answer")
  func idle() async throws {
    let bench = try LoopBench {
      $0.pingInterval = .seconds(10)
      $0.idleTimeout = .seconds(30)
    }
    let wire = try bench.connect()
    try await eventually { bench.recorder.ids.count == 1 }
    bench.advance(by: .seconds(9))
    bench.advance(by: .seconds(1))
    #expect(try wire.frame() == .ping())
    // The answer counts as a sign of life.
    try wire.send(.pong())
    try wire.send(.text("x"))
    #expect(try wire.frame() == .text("x"))
    for _ in 0..<2 {
      bench.advance(by: .seconds(10))
      #expect(try wire.frame() == .ping())
    }
    #expect(bench.releases == 0)
    bench.advance(by: .seconds(10))
    #expect(try wire.frame() == nil)
    try await eventually { bench.releases == 1 }
    #expect(
      bench.recorder.closures == [
        WebSocketClosure(cause: .lost, code: 1006, reason: "the peer sent nothing")
      ])
  }

  @Test("Single bytes of an endless message do not count as a sign of life")
  func dribble() async throws {
    let bench = try LoopBench()
    let wire = try bench.connect()
    try await eventually { bench.recorder.ids.count == 1 }
    try wire.send([0x81, 0xFE, 0xFF, 0xFF, 0, 0, 0, 0])
    for _ in 0..<40 {
      _ = wire.sendEagerly([0x78])
      bench.advance(by: .seconds(1))
    }
    try await eventually { bench.releases == 1 }
  }

  @Test("The wait for the answer to a close is limited")
  func closeTimeout() async throws {
    let bench = try LoopBench { $0.closeTimeout = .seconds(5) }
    let wire = try bench.connect()
    try await eventually { bench.recorder.ids.count == 1 }
    bench.loop.close(bench.recorder.ids[0], code: 1008, reason: "go")
    #expect(try wire.frame() == .close(1008, "go"))
    bench.advance(by: .seconds(4))
    try wire.send(.text("ignored"))
    #expect(bench.releases == 0)
    bench.advance(by: .seconds(1))
    #expect(try wire.frame() == nil)
    try await eventually { bench.releases == 1 }
    #expect(bench.recorder.closures.map(\.code) == [1008])
    #expect(bench.recorder.texts.isEmpty)
  }

  // MARK: - Closing

  @Test("A connection that breaks at any point is released and reported as lost")
  func brokenOff() async throws {
    let bench = try LoopBench()
    let bytes = Frame.text(String(repeating: "x", count: 300)).masked + Frame.close(1000).masked
    for count in stride(from: 0, to: bytes.count - 1, by: 7) {
      let wire = try bench.connect()
      try wire.send(Array(bytes[..<count]))
      if count % 2 == 0 { wire.endSending() } else { wire.close() }
    }
    let count = stride(from: 0, to: bytes.count - 1, by: 7).map { $0 }.count
    try await eventually { bench.releases == count }
    #expect(bench.recorder.closures.allSatisfy { $0.cause == .lost && $0.code == 1006 })
    #expect(bench.loop.statistics.open == 0)
  }

  @Test("Random bytes on a hundred connections affect only these connections", arguments: 0..<3)
  func fuzz(seed: UInt64) async throws {
    var random = SeededGenerator(seed: seed)
    let bench = try LoopBench()
    let good = try bench.connect()
    for _ in 0..<100 {
      let wire = try bench.connect()
      let bytes = (0..<Int.random(in: 1...3000, using: &random)).map { _ in random.byte() }
      _ = wire.sendEagerly(bytes)
      wire.close()
    }
    try await eventually { bench.releases == 100 }
    try good.send(.text("fine"))
    #expect(try good.frame() == .text("fine"))
  }

  @Test("A drain closes all connections with 1001 and returns when all have answered")
  func drain() async throws {
    let bench = try LoopBench()
    let wires = try (0..<20).map { _ in try bench.connect() }
    try await eventually { bench.recorder.ids.count == 20 }
    async let draining: Void = bench.loop.drain(reason: "restart", within: .seconds(1_000_000))
    for wire in wires {
      #expect(try await wire.laterFrame() == .close(1001, "restart"))
      try wire.send(.close(1001))
      #expect(try await wire.laterFrame() == nil)
    }
    await draining
    #expect(bench.releases == 20)
    #expect(bench.loop.statistics.closures == [1001: 20])
    // A late connection is released at once.
    #expect(!bench.loop.hasRoom(for: "late"))
    #expect(try bench.connect().frame() == nil)
    #expect(!bench.loop.send([], to: bench.recorder.ids[0]))
    await bench.loop.drain(within: .seconds(1))
  }

  @Test("A drain does not exceed its time limit")
  func drainGivesUp() async throws {
    let bench = try LoopBench()
    let wire = try bench.connect()
    try await eventually { bench.recorder.ids.count == 1 }
    async let draining: Void = bench.loop.drain(within: .seconds(3))
    #expect(try await wire.laterFrame() == .close(1001, "the server is stopping"))
    bench.advance(by: .seconds(3))
    await draining
    #expect(bench.releases == 1)
    #expect(try await wire.laterFrame() == nil)
  }

  @Test("Loops and sockets leak no file and no thread")
  func leaksNothing() async {
    // This needs its own process, where no other test opens files.
    await #expect(processExitsWith: .success) {
      func serve(_ round: Int) async throws {
        let bench = try LoopBench()
        let wires = try (0..<5).map { _ in try bench.connect() }
        for wire in wires.dropLast(round % 5) {
          try wire.send(.text("x"))
          #expect(try wire.frame() == .text("x"))
        }
        if round % 2 == 0 { await bench.loop.drain(within: .zero) }
      }
      try await OpenFiles.warmUp()
      try await serve(0)
      let before = try OpenFiles.count()
      for round in 0..<100 { try await serve(round) }
      // A deallocated loop ends by itself a little later.
      try await eventually { try OpenFiles.count() <= before }
      let threads = {
        try Files.names(in: "/proc/self/task").count { name in
          let comm = try Files.read("/proc/self/task/\(name)/comm").bytes
          return String(decoding: comm, as: UTF8.self) == "websockets\n"
        }
      }
      try await eventually { (try? threads()) == 0 }
    }
  }
}

/// The resident memory of this process.
///
/// See proc_pid_statm(5).
private func residentBytes() throws -> Int {
  let words = String(decoding: try Files.read("/proc/self/statm").bytes, as: UTF8.self)
    .split(separator: " ")
  return try #require(Int(words[1])) * Machine.pageSize
}
