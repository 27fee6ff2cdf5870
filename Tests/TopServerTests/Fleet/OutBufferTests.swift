import Testing

@testable import TopServer

@Suite struct OutBufferTests {
  private var buffer = OutBuffer()

  private mutating func add(_ numbers: ClosedRange<UInt64>) {
    for number in numbers {
      buffer.add(
        HostSample(host: "web-1", run: "r1", sequence: number, time: Int64(number)),
        taken: Int64(number))
    }
  }

  /// Sends everything that may be sent now.
  private mutating func send() -> [UInt64] {
    var sent: [UInt64] = []
    while let entry = buffer.next {
      buffer.sent(entry)
      sent.append(entry.sample.sequence)
    }
    return sent
  }

  /// Sends everything that may be sent while the hub answers at once.
  private mutating func sendAndAnswer(stored: UInt64 = 0) -> [UInt64] {
    var sent: [UInt64] = []
    while let entry = buffer.next {
      buffer.sent(entry)
      sent.append(entry.sample.sequence)
      answer(entry.sample.sequence, stored: stored)
    }
    return sent
  }

  @discardableResult
  private mutating func answer(_ number: UInt64, stored: UInt64) -> Int? {
    buffer.answered(Acknowledgement(sequence: number, stored: stored))
  }

  @Test mutating func nothingIsSentWithoutAConnection() {
    add(1...3)
    #expect(buffer.next == nil)
    buffer.connected()
    #expect(send() == [1, 2, 3])
    buffer.disconnected()
    add(4...4)
    #expect(buffer.next == nil)
  }

  @Test mutating func aSampleStaysUntilItIsStored() {
    add(1...5)
    buffer.connected()
    #expect(send() == [1, 2, 3, 4, 5])
    answer(5, stored: 0)
    #expect(buffer.entries.count == 5)
    answer(5, stored: 3)
    #expect(buffer.entries.map(\.sample.sequence) == [4, 5])
    answer(5, stored: 5)
    #expect(buffer.entries.isEmpty)
    add(6...6)
    #expect(send() == [6])
  }

  @Test mutating func afterALossUnstoredSamplesAreResentInOrder() {
    add(1...10)
    buffer.connected()
    #expect(send() == Array(1...10))
    answer(10, stored: 4)
    buffer.disconnected()
    add(11...20)
    buffer.connected()
    #expect(send() == Array(5...20))
  }

  @Test mutating func samplesStoredMeanwhileAreNotResent() {
    add(1...10)
    buffer.connected()
    _ = send()
    answer(10, stored: 0)
    buffer.disconnected()
    buffer.connected()
    let first = buffer.next
    #expect(first?.sample.sequence == 1)
    first.map { buffer.sent($0) }
    answer(1, stored: 8)
    #expect(send() == [9, 10])
  }

  @Test mutating func unansweredMessagesAreBounded() {
    add(1...100)
    buffer.connected()
    #expect(send() == Array(1...32))
    answer(10, stored: 0)
    #expect(send() == Array(33...42))
  }

  @Test mutating func messagesBetweenTwoSamplesAreBounded() {
    add(1...200)
    buffer.connected()
    #expect(sendAndAnswer() == Array(1...60))
    add(201...201)
    #expect(sendAndAnswer() == Array(61...120))
  }

  @Test mutating func tenMinutesAreKept() {
    add(1...1000)
    #expect(buffer.entries.count == OutBuffer.capacity)
    #expect(buffer.lost == 400)
    buffer.connected()
    #expect(buffer.next?.sample.sequence == 401)
  }

  @Test mutating func samplesInTheMemoryOfARecordingHubAreNotLost() {
    buffer.connected()
    for number in 1...700 as ClosedRange<UInt64> {
      add(number...number)
      #expect(sendAndAnswer() == [number])
    }
    #expect(buffer.entries.count == OutBuffer.capacity)
    #expect(buffer.lost == 0)
  }

  // MARK: - Losses

  @Test mutating func anOutageIsReportedOnceAndSummedUp() {
    add(1...600)
    #expect(buffer.takeNewLosses().isEmpty)
    add(601...601)
    #expect(buffer.takeNewLosses() == [.init(cause: .unsent, count: 1, first: 1, last: 1)])
    add(602...1000)
    #expect(buffer.takeNewLosses().isEmpty && buffer.takeLosses().isEmpty)
    buffer.connected()
    _ = send()
    #expect(buffer.takeLosses().isEmpty, "a connection alone proves nothing")
    answer(401, stored: 0)
    #expect(buffer.takeLosses() == [.init(cause: .unsent, count: 400, first: 1, last: 400)])
    #expect(buffer.takeLosses().isEmpty && buffer.lost == 400)
    // Another outage is another loss.
    buffer.disconnected()
    add(1001...1700)
    #expect(buffer.takeNewLosses().first?.cause == .unsent)
  }

  @Test mutating func unrecordedSamplesAreDroppedAndReported() {
    buffer.connected()
    for number in 1...700 as ClosedRange<UInt64> {
      add(number...number)
      _ = send()
      _ = buffer.answered(Acknowledgement(sequence: number, stored: 0, isRecording: false))
    }
    #expect(buffer.entries.count == OutBuffer.capacity && buffer.lost == 0)
    #expect(buffer.takeNewLosses() == [.init(cause: .unrecorded, count: 100, first: 1, last: 100)])
    #expect(buffer.takeLosses().isEmpty)
    _ = buffer.answered(Acknowledgement(sequence: 700, stored: 0))
    #expect(buffer.takeLosses() == [.init(cause: .unrecorded, count: 100, first: 1, last: 100)])
  }

  @Test mutating func atTheEndUnsentSamplesAreDropped() {
    buffer.connected()
    add(1...10)
    _ = send()
    answer(4, stored: 0)
    buffer.disconnected()
    buffer.giveUpUnsent()
    #expect(buffer.takeLosses(all: true) == [.init(cause: .unsent, count: 6, first: 5, last: 10)])
  }

  // MARK: - Resending

  @Test mutating func aHubThatRecordsAgainGetsUnrecordedSamples() {
    buffer.connected()
    add(1...20)
    #expect(sendAndAnswer() == Array(1...20))
    add(21...21)
    #expect(send() == [21])
    _ = buffer.answered(Acknowledgement(sequence: 21, stored: 4, again: 5))
    #expect(send() == Array(5...21))
    // Until the answers arrive, the hub keeps asking, which has no effect.
    _ = buffer.answered(Acknowledgement(sequence: 5, stored: 4, again: 6))
    #expect(send() == [])
    _ = buffer.answered(Acknowledgement(sequence: 21, stored: 4))
    #expect(buffer.entries.first?.sample.sequence == 5)
    answer(21, stored: 21)
    #expect(buffer.entries.isEmpty)
  }

  @Test mutating func resendsAreLimitedToOneAMinute() {
    buffer.connected()
    var sent = 0
    for number in 1...600 as ClosedRange<UInt64> {
      buffer.add(
        HostSample(host: "web-1", run: "r1", sequence: number, time: 0),
        taken: Int64(number) * 1_000_000_000)
      while let entry = buffer.next {
        buffer.sent(entry)
        sent += 1
        _ = buffer.answered(
          Acknowledgement(sequence: entry.sample.sequence, stored: 0, again: 1))
      }
    }
    // At most nine times everything in the buffer.
    #expect((600...600 + 10 * 600).contains(sent))
  }

  @Test mutating func droppedSamplesCannotBeResent() {
    buffer.connected()
    add(1...20)
    #expect(sendAndAnswer(stored: 15) == Array(1...20))
    _ = buffer.answered(Acknowledgement(sequence: 20, stored: 15, again: 3))
    #expect(send() == Array(16...20))
    _ = buffer.answered(Acknowledgement(sequence: 20, stored: 15, again: 999))
    #expect(send() == [])
  }

  @Test mutating func lateSamplesAreCounted() {
    add(1...5)
    buffer.connected()
    _ = send()
    #expect(answer(4, stored: 0) == 4)
    #expect(answer(5, stored: 5) == nil)
    buffer.disconnected()
    add(6...30)
    buffer.connected()
    _ = send()
    #expect(answer(28, stored: 5) == nil)
    #expect(answer(29, stored: 5) == 24)
    #expect(answer(30, stored: 5) == nil)
  }

  @Test mutating func invalidAnswersOfAHubAreIgnored() {
    add(1...3)
    buffer.connected()
    _ = send()
    answer(.max, stored: .max)
    #expect(buffer.entries.isEmpty)
    add(4...5)
    #expect(send() == [4, 5])
    answer(0, stored: 0)
    #expect(buffer.entries.map(\.sample.sequence) == [4, 5])
  }
}
