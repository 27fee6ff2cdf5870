import Testing

@testable import WebSocket

@Suite("Framing")
struct FramingTests {
  /// The server side of a connection, and what it received.
  private final class End {
    let framing: Framing
    var messages: [FrameTraffic.Message] = []

    init(_ role: Framing.Role = .server, limits: WebSocketLimits = WebSocketLimits()) {
      framing = Framing(role, limits)
    }

    /// Processes bytes and returns the output.
    @discardableResult
    func receive(_ bytes: [UInt8]) -> [UInt8] {
      _ = framing.receive(bytes[...]) { messages.append($0) }
      return output
    }

    var output: [UInt8] {
      var output: [UInt8] = []
      framing.takeOutput(into: &output, upTo: .max)
      return output
    }
  }

  // MARK: - Messages

  @Test("A message is decoded unchanged", arguments: [0, 1, 125, 126, 65_535, 65_536])
  func text(length: Int) {
    let end = End()
    let text = String(repeating: "x", count: length)
    #expect(end.receive(Frame.text(text).masked).isEmpty)
    #expect(end.messages == [.text(Array(text.utf8))])
    #expect(end.framing.isOpen)
  }

  @Test("Bytes may arrive one at a time or as several messages at once")
  func pieces() {
    let bytes = Frame.text("héllo").masked + Frame.ping("p").masked + Frame.text("two").masked
    let slow = End()
    var answers: [UInt8] = []
    for byte in bytes { answers += slow.receive([byte]) }
    #expect(slow.messages == [.text(Array("héllo".utf8)), .text(Array("two".utf8))])
    #expect(Frame.all(in: answers) == [.pong("p")])
    let quick = End()
    #expect(Frame.all(in: quick.receive(bytes)) == [.pong("p")])
    #expect(quick.messages == slow.messages)
  }

  @Test("Frames are joined to one message, and control frames in between are answered at once")
  func fragments() {
    let end = End()
    var first = Frame.text("a")
    first.isFinal = false
    let middle = Frame(opcode: 0, payload: Array("b".utf8), isFinal: false)
    let last = Frame(opcode: 0, payload: Array("c".utf8))
    end.receive(first.masked + middle.masked)
    #expect(Frame.all(in: end.receive(Frame.ping("now").masked)) == [.pong("now")])
    end.receive(last.masked)
    #expect(end.messages == [.text(Array("abc".utf8))])
  }

  @Test("A server sends unmasked frames, a client masked ones")
  func output() {
    let server = End()
    server.framing.send(.text(Array("hi".utf8)))
    #expect(server.output == [0x81, 2] + Array("hi".utf8))
    let client = End(.client)
    client.framing.send(.text(Array("hi".utf8)))
    let bytes = client.output
    #expect(bytes.count == 8)
    #expect(bytes[0] == 0x81 && bytes[1] == 0x82)
    #expect(zip(bytes[6...], bytes[2...]).map { $0 ^ $1 } == Array("hi".utf8))
  }

  @Test("Client and server understand each other with pieces of any size", arguments: 1...20)
  func bothEnds(size: Int) {
    let client = End(.client)
    let server = End()
    let texts = ["", "one", String(repeating: "long ", count: 100)]
    for text in texts { client.framing.send(.text(Array(text.utf8))) }
    client.framing.close(code: 1000, reason: "done")
    var bytes: [UInt8] = []
    while client.framing.wantsOutput {
      client.framing.takeOutput(into: &bytes, upTo: bytes.count + size)
    }
    for start in stride(from: 0, to: bytes.count, by: size) {
      client.receive(server.receive(Array(bytes[start..<min(start + size, bytes.count)])))
    }
    #expect(server.messages == texts.map { .text(Array($0.utf8)) })
    #expect(server.framing.isClosed && client.framing.isClosed)
    #expect(server.framing.isOver && client.framing.isOver)
    #expect(
      server.framing.closure == WebSocketClosure(cause: .peer, code: 1000, reason: "done"))
    #expect(client.framing.closure == WebSocketClosure(cause: .us, code: 1000, reason: "done"))
  }

  // MARK: - Closing

  @Test("A close is echoed, and nothing more is received or sent")
  func closed() {
    let end = End()
    let answer = end.receive(Frame.close(1000, "bye").masked + Frame.text("late").masked)
    #expect(Frame.all(in: answer) == [.close(1000, "bye")])
    #expect(end.messages.isEmpty)
    #expect(end.framing.closure == WebSocketClosure(cause: .peer, code: 1000, reason: "bye"))
    end.framing.send(.text([0x78]))
    end.framing.close(code: 1001, reason: "")
    #expect(!end.framing.wantsOutput)
    #expect(end.framing.isOver && end.framing.isClosed)
  }

  @Test("A close without a code is 1005")
  func noCode() {
    let end = End()
    #expect(Frame.all(in: end.receive(Frame.close().masked)) == [.close()])
    #expect(end.framing.closure?.code == 1005)
  }

  @Test("A long reason is truncated at a character boundary")
  func longReason() {
    let end = End()
    end.framing.close(code: 1008, reason: String(repeating: "é", count: 100))
    let frame = Frame.all(in: end.output).first
    #expect(frame == .close(1008, String(repeating: "é", count: 61)))
  }

  /// The violation, the bytes, and the code and reason of the answer.
  private static let violations: [(String, [UInt8], UInt16, String)] = [
    ("not UTF-8", Frame(opcode: 1, payload: [0xC3, 0x28]).masked, 1007, "not UTF-8"),
    ("half a character", Frame(opcode: 1, payload: [0xC3]).masked, 1007, "not UTF-8"),
    ("unmasked", Frame.text("x").plain, 1002, "not the WebSocket protocol"),
    ("reserved bit", [0xC1, 0x80, 0, 0, 0, 0], 1002, "not the WebSocket protocol"),
    ("reserved opcode", [0x83, 0x80, 0, 0, 0, 0], 1002, "not the WebSocket protocol"),
    ("continuation of nothing", [0x80, 0x80, 0, 0, 0, 0], 1002, "not the WebSocket protocol"),
    ("ping in two frames", [0x09, 0x80, 0, 0, 0, 0], 1002, "not the WebSocket protocol"),
    ("long ping", [0x89, 0xFE, 0, 126, 0, 0, 0, 0], 1002, "not the WebSocket protocol"),
    (
      "length that is not minimal", [0x81, 0xFE, 0, 1, 0, 0, 0, 0], 1002,
      "not the WebSocket protocol"
    ),
    (
      "negative length", [0x81, 0xFF] + [UInt8](repeating: 0xFF, count: 8), 1002,
      "not the WebSocket protocol"
    ),
    ("close code 1005", Frame.close(1005).masked, 1002, "not the WebSocket protocol"),
    (
      "announced 65,537 bytes", [0x81, 0xFF, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0x78], 1009,
      "the message is too long"
    ),
    (
      "announced an exabyte", [0x81, 0xFF, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x78], 1009,
      "the message is too long"
    ),
  ]

  @Test("A protocol violation is answered with a code and a reason", arguments: violations)
  func violation(name: String, bytes: [UInt8], code: UInt16, reason: String) {
    let end = End()
    #expect(Frame.all(in: end.receive(bytes)) == [.close(code, reason)], "\(name)")
    #expect(end.framing.closure == WebSocketClosure(cause: .us, code: code, reason: reason))
    #expect(end.messages.isEmpty)
    #expect(end.framing.isOver)
    // Later input is ignored.
    #expect(end.receive(Frame.text("more").masked).isEmpty)
  }

  // MARK: - Limits

  @Test("The number of frames of a message is limited")
  func tooManyFrames() {
    var limits = WebSocketLimits()
    limits.messageFrames = 3
    let end = End(limits: limits)
    let piece = Frame(opcode: 0, payload: [0x78], isFinal: false).masked
    let first = Frame(opcode: 1, payload: [0x78], isFinal: false).masked
    let last = Frame(opcode: 0, payload: [0x78]).masked
    #expect(end.receive(first + piece + last).isEmpty)
    #expect(end.messages == [.text([0x78, 0x78, 0x78])])
    let answer = end.receive(first + piece + piece + piece + Frame.text("x").masked)
    #expect(Frame.all(in: answer) == [.close(1008, "the message has too many frames")])
    #expect(end.messages.count == 1)
    #expect(end.framing.closure?.code == 1008)
  }

  @Test("Only a few of 300,000 pings are processed while their answers are unsent")
  func pings() {
    let end = End()
    let ping = Frame.ping().masked
    let bytes = [UInt8]((0..<300_000).map { _ in ping }.joined())
    let taken = end.framing.receive(bytes[...]) { _ in }
    #expect(taken < 10_000)
    #expect(end.framing.queued < 64 + 1024 / ping.count + 1)
    // It continues as soon as they are sent.
    var rest = bytes[taken...]
    var pongs = end.output.count / 2
    while !rest.isEmpty {
      rest = rest.dropFirst(end.framing.receive(rest) { _ in })
      pongs += end.output.count / 2
    }
    #expect(pongs == 300_000)
  }

  // MARK: - Invalid input

  @Test("Messages truncated at any position are harmless")
  func truncated() {
    let bytes = Frame.text(String(repeating: "x", count: 200)).masked + Frame.close(1000).masked
    for count in 0..<bytes.count {
      let end = End()
      end.receive(Array(bytes[..<count]))
      #expect(!end.framing.isClosed)
    }
  }

  @Test("Random bytes and randomly corrupted frames are harmless", arguments: 0..<20)
  func fuzz(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let good =
      Frame.text("one").masked + Frame.ping("two").masked
      + Frame.text(String(repeating: "three", count: 50)).masked + Frame.close(1000).masked
    for round in 0..<500 {
      for role in [Framing.Role.server, .client] {
        let end = End(role)
        var bytes = good
        if round % 2 == 0 {
          for _ in 0...3 { bytes[Int.random(in: bytes.indices, using: &random)] = random.byte() }
        } else {
          bytes = (0..<200).map { _ in random.byte() }
        }
        var rest = bytes[...]
        while !rest.isEmpty {
          let piece = rest.prefix(Int.random(in: 1...40, using: &random))
          rest.removeFirst(piece.count)
          end.receive(Array(piece))
          for case .text(let text) in end.messages {
            #expect(String(validating: text, as: UTF8.self) != nil)
          }
        }
        #expect(end.framing.isOver == (end.framing.closure != nil))
      }
    }
  }
}

/// A seeded random number generator, so that failures are reproducible.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  /// xorshift64*, see https://en.wikipedia.org/wiki/Xorshift.
  mutating func next() -> UInt64 {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return state &* 0x2545_F491_4F6C_DD1D
  }

  mutating func byte() -> UInt8 { UInt8(truncatingIfNeeded: next() >> 32) }
}
