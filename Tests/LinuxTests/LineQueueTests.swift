import Synchronization
import Testing

@testable import Linux

/// A reader that blocks until `read()` is called.
private final class StuckReader: Sendable {
  private let gate = Gate()
  private let text = Mutex("")

  func write(_ bytes: [UInt8]) {
    gate.wait()
    text.withLock { $0 += String(decoding: bytes, as: UTF8.self) }
  }

  func read() { gate.open() }

  var lines: [String] { text.withLock { $0.split(separator: "\n").map(String.init) } }
}

@Suite("Line queue")
struct LineQueueTests {
  private let reader = StuckReader()

  private func makeQueue(limit: Int) -> LineQueue {
    LineQueue(limit: limit, notice: { "\($0) dropped" }, write: { [reader] in reader.write($0) })
  }

  @Test("Lines arrive in order")
  func order() {
    let queue = makeQueue(limit: 1000)
    for number in 1...5 { queue.add("line \(number)") }
    reader.read()
    #expect(queue.flush(within: .seconds(60)))
    #expect(reader.lines == (1...5).map { "line \($0)" })
  }

  @Test(
    "A blocked reader blocks no caller, and a notice counts the dropped lines at their position")
  func full() {
    let queue = makeQueue(limit: 100)
    for number in 10..<60 { queue.add("line \(number)") }
    #expect(!queue.flush(within: .milliseconds(1)))
    reader.read()
    #expect(queue.flush(within: .seconds(60)))
    queue.add("later")
    #expect(queue.flush(within: .seconds(60)))
    let written = reader.lines
    let kept = written.filter { $0.hasPrefix("line ") }.count
    #expect(kept < 50)
    #expect(kept * 8 <= 100)
    // The writer may start between the lines, which gives two notices.
    let dropped = written.compactMap { line in
      line.hasSuffix(" dropped") ? Int(line.dropLast(" dropped".count)) : nil
    }
    #expect(dropped.reduce(0, +) == 50 - kept)
    #expect(written.last == "later")
  }
}
