import Testing

@testable import TopServer

@Suite struct RunIdentityTests {
  @Test func noTwoRunsHaveOneTagAndNoneShowsTheBoot() {
    let boot = "01234567-89ab-cdef-0123-456789abcdef"
    let tags = (0..<1000).map { _ in RunIdentity(hostName: "a", bootID: boot).tag }
    #expect(Set(tags).count == 1000)
    // Each has 128 random bits, which a hub takes as a run.
    #expect(tags.allSatisfy { (16...HostSample.longestRun).contains($0.utf8.count) })
    #expect(tags.allSatisfy { !$0.contains("0123456789ab") })
  }
}

@Suite struct LenientNumbersTests {
  @Test(arguments: [
    (#"{"a":NaN,"b":[Infinity,-Infinity]}"#, #"{"a":null,"b":[null,null]}"#),
    (#"{"a":"NaN \" NaN","NaN":1e999}"#, #"{"a":"NaN \" NaN","NaN":null}"#),
    (#"{"a":-1e999}"#, #"{"a":null}"#),
    (#"{"a":12345678901234567890}"#, #"{"a":12345678901234567890e0}"#),
    (#"{"a":1,"b":-1.5e3,"c":true}"#, #"{"a":1,"b":-1.5e3,"c":true}"#),
    (#"{"a":NaNs,"b":"#, #"{"a":NaNs,"b":"#), (#"{"a":"\"#, #"{"a":"\"#), ("", ""),
  ])
  func almostValidJSONIsRepaired(text: String, mended: String) {
    let bytes = LenientNumbers.mended(Array(text.utf8))
    #expect(String(decoding: bytes, as: UTF8.self) == mended)
  }
}

@Suite struct RefusalLogTests {
  private static let second: Int64 = 1_000_000_000

  @Test func theFirstRefusalOfEachCauseIsLoggedAndThenOneAMinute() {
    var log = RefusalLog()
    func taken() -> FleetRefusal { FleetRefusal(cause: .hostTaken, reason: "taken") }
    log.note(taken(), peer: "10.0.0.1", host: "web-1")
    log.note(FleetRefusal(cause: .flood, reason: "a flood"), peer: "::1", host: nil)
    #expect(
      log.takeLines(at: 0) == [
        "refused a client at 10.0.0.1 as web-1: taken", "refused a client at ::1: a flood",
      ])
    for number in 1...5 { log.note(taken(), peer: "10.0.0.\(number)", host: "web-1") }
    #expect(log.takeLines(at: 59 * Self.second) == [])
    #expect(
      log.takeLines(at: 60 * Self.second) == [
        "refused a client at 10.0.0.5 as web-1: taken (and 4 more for this cause)"
      ])
    #expect(log.takeLines(at: 600 * Self.second) == [])
  }
}
