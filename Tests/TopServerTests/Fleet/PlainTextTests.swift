import Testing

@testable import TopServer

@Suite struct PlainTextTests {
  private func sample(_ text: String) throws(FleetRefusal) -> HostSample {
    try PlainText.sample(Array(text.utf8), peer: "10.0.0.7", time: 5)
  }

  @Test(arguments: [
    ("CPU usages from client1: 12.3", "client1", 0.123),
    ("CPU usages from client1: 12.3%", "client1", 0.123),
    ("cpu From fe80::1: 100 %", "fe80::1", 1),
    ("12.5", "10.0.0.7", 0.125), ("12.5%", "10.0.0.7", 0.125), ("  0\n", "10.0.0.7", 0),
    ("news from the hub 50", "10.0.0.7", 0.5), ("from 50", "10.0.0.7", 0.5),
  ])
  func aTextThatEndsInAPercentageIsAccepted(text: String, host: String, busy: Double) throws {
    let sample = try sample(text)
    #expect(sample.host == host)
    #expect(sample.busy.map { abs($0 - busy) < 1e-9 } == true)
    #expect(
      sample.time == 5 && sample.run.isEmpty && sample.sequence == 0 && sample.numbers[.user] == nil
    )
  }

  @Test(arguments: [
    "", "%", "hello", "-1", "100.1", "1e1", "inf", "nan", "12.3.4", "0x10", "12,3", "+5", "½",
  ])
  func otherTextIsRejected(text: String) {
    #expect(throws: FleetRefusal.self) { try sample(text) }
  }

  @Test func aLongTextIsRejected() {
    #expect(throws: FleetRefusal.self) { try sample(String(repeating: "a ", count: 600) + "5") }
  }

  @Test func anInvalidNameIsRejected() {
    do throws(FleetRefusal) {
      _ = try sample("CPU usages from : 12")
      Issue.record("it was taken")
    } catch {
      #expect(error.cause == .badHostName)
    }
  }
}
