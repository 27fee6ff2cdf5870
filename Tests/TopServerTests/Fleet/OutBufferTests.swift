import Testing

@testable import TopServer

@Suite struct OutBufferTests {
  private var buffer = OutBuffer()

  private mutating func take(_ numbers: ClosedRange<UInt64>) {
    for number in numbers {
      buffer.add(
        HostSample(host: "web-1", run: "r1", sequence: number, time: Int64(number)),
        taken: Int64(number))
    }
  }

  /// Sends what may be sent now.
  private mutating func send() -> [UInt64] {
    var sent: [UInt64] = []
    while let entry = buffer.next {
      buffer.sent(entry)
      sent.append(entry.sample.sequence)
    }
    return sent
  }

  /// Sends all that may be sent while a hub answers at once.
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
    take(1...3)
    #expect(buffer.next == nil)
    buffer.connected()
    #expect(send() == [1, 2, 3])
    buffer.disconnected()
    take(4...4)
    #expect(buffer.next == nil)
  }

  @Test mutating func aSampleStaysUntilItIsStored() {
    take(1...5)
    buffer.connected()
    #expect(send() == [1, 2, 3, 4, 5])
    answer(5, stored: 0)
    #expect(buffer.entries.count == 5)
    answer(5, stored: 3)
    #expect(buffer.entries.map(\.sample.sequence) == [4, 5])
    answer(5, stored: 5)
    #expect(buffer.entries.isEmpty)
    take(6...6)
    #expect(send() == [6])
  }

  @Test mutating func afterALossWhatIsNotStoredIsSentAgainInOrder() {
    take(1...10)
    buffer.connected()
    #expect(send() == Array(1...10))
    answer(10, stored: 4)
    buffer.disconnected()
    take(11...20)
    buffer.connected()
    #expect(send() == Array(5...20))
  }

  @Test mutating func whatIsStoredMeanwhileIsNotSentAgain() {
    take(1...10)
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

  @Test mutating func aHubThatDoesNotAnswerGetsNoMore() {
    take(1...100)
    buffer.connected()
    #expect(send() == Array(1...32))
    answer(10, stored: 0)
    #expect(send() == Array(33...42))
  }

  @Test mutating func theRestWaitsForTheNextTick() {
    take(1...200)
    buffer.connected()
    #expect(sendAndAnswer() == Array(1...60))
    take(201...201)
    #expect(sendAndAnswer() == Array(61...120))
  }

  @Test mutating func tenMinutesAreKept() {
    take(1...1000)
    #expect(buffer.entries.count == OutBuffer.capacity)
    #expect(buffer.lost == 400)
    buffer.connected()
    #expect(buffer.next?.sample.sequence == 401)
  }

  @Test mutating func whatTheHubHasInMemoryIsNoLoss() {
    buffer.connected()
    for number in 1...700 as ClosedRange<UInt64> {
      take(number...number)
      #expect(sendAndAnswer() == [number])
    }
    #expect(buffer.entries.count == OutBuffer.capacity)
    #expect(buffer.lost == 0)
  }

  @Test mutating func itSaysHowManyCameLate() {
    take(1...5)
    buffer.connected()
    _ = send()
    #expect(answer(4, stored: 0) == 4)
    #expect(answer(5, stored: 5) == nil)
    buffer.disconnected()
    take(6...30)
    buffer.connected()
    _ = send()
    #expect(answer(28, stored: 5) == nil)
    #expect(answer(29, stored: 5) == 24)
    #expect(answer(30, stored: 5) == nil)
  }

  @Test mutating func aHubThatTalksNonsenseDoesNoHarm() {
    take(1...3)
    buffer.connected()
    _ = send()
    answer(.max, stored: .max)
    #expect(buffer.entries.isEmpty)
    take(4...5)
    #expect(send() == [4, 5])
    answer(0, stored: 0)
    #expect(buffer.entries.map(\.sample.sequence) == [4, 5])
  }
}
