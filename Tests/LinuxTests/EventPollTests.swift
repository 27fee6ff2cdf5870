import Glibc
import Testing

@testable import Linux

@Suite("Event poll", .timeLimit(.minutes(1)))
struct EventPollTests {
  /// Two connected sockets, closed on deinit.
  private final class Pair {
    let near: StreamSocket
    let far: StreamSocket

    init() throws {
      var ends: [Int32] = [0, 0]
      guard
        unsafe socketpair(
          AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0
      else {
        throw SystemCallError.last("socketpair")
      }
      near = StreamSocket(ends[0])
      far = StreamSocket(ends[1])
    }

    deinit {
      near.close()
      far.close()
    }
  }

  private func event(_ token: UInt64, read: Bool = false, write: Bool = false, broken: Bool = false)
    -> EventPoll.Event
  {
    EventPoll.Event(token: token, canRead: read, canWrite: write, isBroken: broken)
  }

  @Test("Without events, wait returns nothing")
  func nothing() throws {
    let pair = try Pair()
    let poll = try EventPoll()
    try poll.add(pair.near.descriptor, as: 1, for: .reading)
    #expect(try poll.wait(atMost: 0) == [])
    #expect(try poll.wait(atMost: 1) == [])
    #expect(try poll.wait(atMost: -5) == [])
  }

  @Test("Readable data is reported with the file's token until it is read")
  func reading() throws {
    let pairs = try [Pair(), Pair(), Pair()]
    let poll = try EventPoll()
    for (number, pair) in pairs.enumerated() {
      try poll.add(pair.near.descriptor, as: UInt64(number) << 40 | 7, for: .reading)
    }
    #expect(pairs[2].far.send([1, 2]) == .bytes(2))
    for _ in 0..<2 { #expect(try poll.wait(atMost: nil) == [event(2 << 40 | 7, read: true)]) }
    var buffer = [UInt8](repeating: 0, count: 8)
    #expect(pairs[2].near.receive(into: &buffer) == .bytes(2))
    #expect(pairs[2].near.receive(into: &buffer) == .wouldBlock)
    #expect(try poll.wait(atMost: 0) == [])
  }

  @Test("The interest can be changed and a file removed")
  func change() throws {
    let pair = try Pair()
    let poll = try EventPoll()
    try poll.add(pair.near.descriptor, as: 1, for: [])
    #expect(pair.far.send([1]) == .bytes(1))
    #expect(try poll.wait(atMost: 0) == [])
    try poll.change(pair.near.descriptor, as: 1, to: .writing)
    #expect(try poll.wait(atMost: nil) == [event(1, write: true)])
    try poll.change(pair.near.descriptor, as: 2, to: [.reading, .writing])
    #expect(try poll.wait(atMost: nil) == [event(2, read: true, write: true)])
    try poll.remove(pair.near.descriptor)
    #expect(try poll.wait(atMost: 0) == [])
    #expect(throws: SystemCallError.self) { try poll.remove(pair.near.descriptor) }
  }

  @Test("A hang-up is reported whatever the interest is")
  func broken() throws {
    let pair = try Pair()
    let poll = try EventPoll()
    try poll.add(pair.near.descriptor, as: 1, for: [])
    pair.far.endSending()
    pair.near.endSending()
    #expect(try poll.wait(atMost: nil) == [event(1, broken: true)])
    var buffer: [UInt8] = [0]
    #expect(pair.near.receive(into: &buffer) == .end)
    guard case .lost = pair.near.send([1]) else {
      Issue.record("an ended connection must accept nothing")
      return
    }
  }

  @Test("Wake-up calls from another thread arrive as one event")
  func wakeUp() throws {
    let poll = try EventPoll()
    let wakeUp = try WakeUpCall()
    try poll.add(wakeUp.descriptor, as: 0, for: .reading)
    try DetachedThread.start(named: "caller") { for _ in 0..<3 { wakeUp.call() } }
    #expect(try poll.wait(atMost: nil) == [event(0, read: true)])
    while try !poll.wait(atMost: 0).isEmpty { wakeUp.hear() }
    wakeUp.call()
    #expect(try poll.wait(atMost: nil) == [event(0, read: true)])
  }

  @Test("A full socket would block until its peer reads")
  func full() throws {
    let pair = try Pair()
    let block = [UInt8](repeating: 1, count: 100_000)
    while case .bytes = pair.near.send(block[...]) {}
    #expect(pair.near.send(block[...]) == .wouldBlock)
    #expect(!pair.near.wait(for: .writing, until: Instant.monotonicNow() + 1_000_000))
    #expect(pair.far.wait(for: .reading, until: .max))
    var buffer = block
    while case .bytes = pair.far.receive(into: &buffer) {}
    #expect(pair.near.wait(for: .writing, until: .max))
  }

  @Test("connect tries all addresses of a name")
  func connect() throws {
    let listener = try ListeningSocket(host: "127.0.0.1", port: 0)
    defer { close(listener.descriptor) }
    let deadline = Instant.monotonicNow() + 30_000_000_000
    // localhost may resolve to ::1 first, where nothing listens.
    for host in ["127.0.0.1", "localhost"] {
      try StreamSocket.connect(host: host, port: listener.port, until: deadline).close()
    }
    let refused = #expect(throws: SystemCallError.self) {
      try StreamSocket.connect(host: "127.0.0.1", port: 1, until: deadline)
    }
    #expect(refused?.code == ECONNREFUSED)
    let unknown = #expect(throws: SystemCallError.self) {
      try StreamSocket.connect(host: "no such host", port: 1, until: deadline)
    }
    #expect(unknown?.call == "getaddrinfo")
  }
}
