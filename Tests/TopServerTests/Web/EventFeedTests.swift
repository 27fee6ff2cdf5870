import MicroHTTPD
import Testing

@testable import TopServer

@Suite struct EventFeedTests {
  @Test func noEventIsMadeBeforeTheFirstClient() {
    let feed = EventFeed(
      recorder: Latest(RecorderState(isOn: false, since: 0, limit: 0)), broadcaster: Broadcaster())
    var made = 0
    for second in 1...120 {
      feed.publish(.test(at: .at(Double(second))), []) {
        made += 1
        return nil
      }
    }
    #expect(made == 0)
  }
}
