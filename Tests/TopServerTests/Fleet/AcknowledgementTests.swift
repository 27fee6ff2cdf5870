import Testing

@testable import TopServer

@Suite struct AcknowledgementTests {
  @Test func theWholeText() {
    let text = Acknowledgement(sequence: 123, stored: 118).encoded()
    #expect(String(decoding: text, as: UTF8.self) == #"{"v":1,"ack":123,"stored":118}"#)
  }

  @Test func optionalMembersAreLeftOut() {
    let text = Acknowledgement(sequence: 9, stored: 4, again: 5, isRecording: false).encoded()
    #expect(
      String(decoding: text, as: UTF8.self)
        == #"{"v":1,"ack":9,"stored":4,"recording":false,"again":5}"#)
  }

  @Test func theStateRoundTrips() throws {
    for given in [
      Acknowledgement(sequence: 1 << 53, stored: 0),
      Acknowledgement(sequence: 9, stored: 4, again: 5, isRecording: false),
    ] {
      #expect(try Acknowledgement(parsing: given.encoded()) == given)
    }
  }

  @Test func aMissingStoredMeansThatNothingIsSafe() throws {
    let read = try Acknowledgement(parsing: Array(#"{"v":1,"ack":3,"more":[]}"#.utf8))
    #expect(read == Acknowledgement(sequence: 3, stored: 0))
  }

  @Test(arguments: [
    "", "ok", "[]", "{}", #"{"v":2,"ack":1}"#, #"{"v":1}"#, #"{"v":1,"ack":-1}"#,
    #"{"v":1,"ack":1,"stored":"all"}"#,
  ])
  func otherTextIsRejected(text: String) {
    #expect(throws: FleetRefusal.self) { try Acknowledgement(parsing: Array(text.utf8)) }
  }
}
