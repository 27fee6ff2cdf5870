import Glibc
import Testing

@testable import Linux

@Suite("Event poll", .timeLimit(.minutes(1)))
struct EventPollTests {
  /// Two sockets that are connected to each other, closed with their owner.
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

  @Test("Nothing to tell is nothing told")
  func nothing() throws {
    let pair = try Pair()
    let poll = try EventPoll()
    try poll.add(pair.near.descriptor, as: 1, for: .reading)
    #expect(try poll.wait(atMost: 0) == [])
    #expect(try poll.wait(atMost: 1) == [])
    #expect(try poll.wait(atMost: -5) == [])
  }

  @Test("What came is told under the number of its file, until it is taken")
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

  @Test("What is watched for can be changed, and the watch ended")
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

  @Test("That the other side is gone is told, watched for or not")
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
      Issue.record("a connection that has ended takes nothing")
      return
    }
  }

  @Test("A wake-up call from another thread is heard, once for any number of calls")
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

  @Test("A socket that is full takes no more, and waits to be read")
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

  @Test("A connection is made to whichever address of a name answers")
  func connect() throws {
    let listener = try ListeningSocket(host: "127.0.0.1", port: 0)
    defer { close(listener.descriptor) }
    let deadline = Instant.monotonicNow() + 30_000_000_000
    // localhost may be ::1 first, where nobody listens.
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
