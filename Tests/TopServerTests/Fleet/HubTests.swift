import Linux
import Synchronization
import Testing

@testable import TopServer

@Suite struct HubTests {
  private let hub = Hub(at: .at(1000))

  private func message(_ host: String = "web-1", _ sequence: UInt64 = 1) -> [UInt8] {
    AgentMessage(sample: .test(host, sequence, time: Instant.at(1000).wall)).encoded()
  }

  private func text(_ answer: Hub.Answer) -> String {
    switch answer.reply {
    case .text(let bytes): String(decoding: bytes, as: UTF8.self)
    case .close(let code, let reason): "\(code) \(reason)"
    }
  }

  @Test func eachMessageIsAcknowledged() {
    hub.opened(1, peer: "10.0.0.7", at: .at(1000))
    #expect(
      text(hub.received(message(), on: 1, at: .at(1000)))
        == #"{"v":1,"ack":1,"stored":0,"recording":false}"#)
    #expect(
      text(hub.received(Array("from b: 5".utf8), on: 1, at: .at(1000)))
        == "1008 a connection can send samples of only one host; open another")
    let host = hub.tick(at: .at(1000)).hosts.first
    #expect(host?.name == "web-1" && host?.address == "10.0.0.7")
    #expect(hub.counts.messages == 2 && hub.counts.connections == 1)
    #expect(hub.counts.refused == [.hostChanged: 1])
  }

  @Test func aPlainTextIsAnsweredByOK() {
    hub.opened(1, peer: "10.0.0.7", at: .at(1000))
    #expect(text(hub.received(Array("12.5".utf8), on: 1, at: .at(1000))) == "ok")
    let host = hub.tick(at: .at(1000)).hosts.first
    #expect(host?.name == "10.0.0.7" && host?.kind == .text && host?.latest.busy == 0.125)
  }

  @Test func invalidMessagesAreRejectedWithAReason() {
    hub.opened(1, peer: "10.0.0.7", at: .at(1000))
    #expect(text(hub.received(Array("{}".utf8), on: 1, at: .at(1000))).hasPrefix("1008 \"v\" must"))
    #expect(text(hub.received([], on: 1, at: .at(1000))).hasPrefix("1008 neither JSON nor"))
    #expect(hub.counts.refused == [.badMessage: 2])
    #expect(hub.tick(at: .at(1000)).hosts.isEmpty)
  }

  @Test func aFloodIsCutOff() {
    hub.opened(1, peer: "10.0.0.7", at: .at(1000))
    var answers: [String] = []
    for sequence: UInt64 in 1...701 {
      answers.append(text(hub.received(message("web-1", sequence), on: 1, at: .at(1000))))
    }
    #expect(answers.dropLast().allSatisfy { $0.hasPrefix("{") })
    #expect(answers.last == "1008 more than 20 messages a second for too long")
    #expect(hub.counts.refused == [.flood: 1])
  }

  @Test func theEndOfAConnectionIsAStep() {
    hub.opened(1, peer: "a", at: .at(1000))
    _ = hub.received(message(), on: 1, at: .at(1000))
    hub.closed(1, at: .at(1000))
    let look = hub.tick(at: .at(1000))
    #expect(look.steps.map(\.kind) == [.connected, .disconnected])
    #expect(look.hosts.first?.isConnected == false)
    #expect(hub.counts.connections == 0 && hub.counts.connectionsTotal == 1)
    // Messages after the end of the connection are ignored.
    #expect(text(hub.received(message(), on: 1, at: .at(1000))).hasPrefix("1008"))
  }

  @Test func aClientThatLeavesForGoodGivesItsNameUp() {
    func claim(_ link: Hub.Link, run: String) -> String {
      hub.opened(link, peer: "a", at: .at(1000))
      let sample = HostSample.test("w", run: run, 1, time: Instant.at(1000).wall)
      return text(hub.received(AgentMessage(sample: sample).encoded(), on: link, at: .at(1000)))
    }
    #expect(claim(1, run: "a1").hasPrefix("{"))
    hub.closed(1, at: .at(1000))
    #expect(claim(2, run: "b2").hasPrefix("1008 this name is reserved for 5 minutes"))
    #expect(claim(3, run: "a1").hasPrefix("{"))
    hub.closed(3, isGivenUp: true, at: .at(1000))
    #expect(claim(4, run: "b2").hasPrefix("{"))
  }

  @Test func theOldConnectionOfARunIsClosed() {
    hub.opened(1, peer: "a", at: .at(1000))
    hub.opened(2, peer: "a", at: .at(1000))
    _ = hub.received(message("web-1", 1), on: 1, at: .at(1000))
    #expect(hub.received(message("web-1", 2), on: 2, at: .at(1000)).replaced?.link == 1)
    #expect(hub.counts.replaced == 1)
  }

  @Test func samplesAreAcknowledgedOnceTheyAreStored() {
    let recorder = SlowRecorder()
    let hub = Hub(recorder: recorder, at: .at(1000))
    hub.opened(1, peer: "a", at: .at(1000))
    #expect(
      text(hub.received(message("w", 1), on: 1, at: .at(1000))) == #"{"v":1,"ack":1,"stored":0}"#)
    recorder.standing.withLock { $0.stored = 1 }
    #expect(
      text(hub.received(message("w", 2), on: 1, at: .at(1000))) == #"{"v":1,"ack":2,"stored":1}"#)
    // The first copy of a duplicate may have arrived while nothing was recorded; the recorder decides.
    #expect(
      text(hub.received(message("w", 1), on: 1, at: .at(1000)))
        == #"{"v":1,"ack":1,"stored":1}"#)
    #expect(recorder.taken.withLock { $0 } == [1, 2, 1])
    #expect(recorder.openings.withLock { $0 } == [1])
    #expect(hub.counts.duplicates == 1)
  }

  @Test func aHubThatDoesNotRecordSaysSo() {
    let recorder = SlowRecorder()
    let hub = Hub(recorder: recorder, at: .at(1000))
    hub.opened(1, peer: "a", at: .at(1000))
    recorder.standing.withLock { $0.isRecording = false }
    #expect(
      text(hub.received(message("w", 1), on: 1, at: .at(1000)))
        == #"{"v":1,"ack":1,"stored":0,"recording":false}"#)
    recorder.standing.withLock { $0 = FleetStanding(stored: 0, again: 1) }
    #expect(
      text(hub.received(message("w", 2), on: 1, at: .at(1000)))
        == #"{"v":1,"ack":2,"stored":0,"again":1}"#)
  }

  @Test func samplesThatAreNotOwnedAreAnsweredButNotRecorded() {
    let recorder = SlowRecorder()
    let hub = Hub(recorder: recorder, at: .at(1000))
    hub.opened(1, peer: "a", at: .at(1000))
    let old = AgentMessage(
      sample: .test("w", 2, time: Instant.at(800).wall), age: 200)
    _ = hub.received(message("w", 1), on: 1, at: .at(1000))
    #expect(text(hub.received(old.encoded(), on: 1, at: .at(1000))).hasPrefix(#"{"v":1,"ack":2"#))
    #expect(recorder.taken.withLock { $0 } == [1])
    #expect(hub.counts.notOwned == 1)
  }

  @Test func lateSamplesAreCountedEvenIfTheyAreTheNewest() {
    hub.opened(1, peer: "a", at: .at(1000))
    for number: UInt64 in 1...20 {
      let late = AgentMessage(
        sample: .test("w", number, time: Instant.at(900 + Double(number)).wall),
        age: 100 - Double(number))
      _ = hub.received(late.encoded(), on: 1, at: .at(1000))
    }
    #expect(hub.counts.late == 20)
  }

  @Test func aHostIsProvisionalUntilItHasLasted() {
    let recorder = SlowRecorder()
    let hub = Hub(recorder: recorder, at: .at(1000))
    hub.opened(1, peer: "a", at: .at(1000))
    for number: UInt64 in 0..<32 {
      _ = hub.received(message("w", number + 1), on: 1, at: .at(1000 + Double(number)))
    }
    #expect(
      recorder.provisional.withLock { $0 } == Array(repeating: true, count: 30) + [false, false])
  }

  @Test func rejectedClientsAreLoggedWithAddressNameAndReason() {
    for link: UInt64 in 1...3 { hub.opened(link, peer: "10.0.0.\(link)", at: .at(1000)) }
    _ = hub.received(message("web-1", 1), on: 1, at: .at(1000))
    let other = AgentMessage(
      sample: .test("web-1", run: "b2", 1, time: Instant.at(1000).wall)
    ).encoded()
    for link: UInt64 in 2...3 {
      #expect(text(hub.received(other, on: link, at: .at(1000))).hasPrefix("1008 another client"))
    }
    hub.refuse(FleetRefusal(cause: .tooManyConnections, reason: "full"), peer: "10.0.0.9")
    #expect(
      hub.takeRefusalLines(at: .at(1000)) == [
        "refused a client at 10.0.0.3 as web-1: another client uses the name of this host; choose another name (and 1 more for this cause)",
        "refused a client at 10.0.0.9: full",
      ])
    #expect(hub.counts.refused == [.hostTaken: 2, .tooManyConnections: 1])
    #expect(hub.takeRefusalLines(at: .at(1001)) == [])
  }

  @Test func oddValuesAreCountedAndTheConnectionStaysOpen() {
    hub.opened(1, peer: "a", at: .at(1000))
    let odd = String(decoding: message("w", 1), as: UTF8.self)
      .replacing("\"interval_seconds\":1.0", with: "\"interval_seconds\":90000")
    #expect(
      text(hub.received(Array(odd.utf8), on: 1, at: .at(1000)))
        == #"{"v":1,"ack":1,"stored":0,"recording":false}"#)
    #expect(hub.counts.oddValues == 1 && hub.counts.refused.isEmpty)
  }

  @Test func thisMachineIsAHostOfTheFleet() {
    hub.join(.test("hub"), at: .at(1000))
    let host = hub.tick(at: .at(1000)).hosts.first
    #expect(host?.kind == .local && host?.isConnected == true && host?.address == nil)
    #expect(hub.known(at: .at(1000)).isEmpty)
  }

  @Test func noReasonIsTooLongForACloseFrame() {
    hub.opened(1, peer: "a", at: .at(1000))
    for text in ["{\"v\":1,\"type\":\"sample\",\"host\":\"a b\"}", "x", "{"] {
      guard case .close(_, let reason) = hub.received(Array(text.utf8), on: 1, at: .at(1000)).reply
      else {
        Issue.record("it was taken")
        continue
      }
      #expect(reason.utf8.count <= 123)
    }
  }
}

/// A recorder whose standing the test sets.
private final class SlowRecorder: FleetRecorder {
  let taken = Mutex<[UInt64]>([])
  let openings = Mutex<[UInt64]>([])
  let provisional = Mutex<[Bool]>([])
  let standing = Mutex(FleetStanding())
  var lostSamples: Int { 0 }

  func record(_ sample: HostSample, isProvisional: Bool, isOpening: Bool) {
    taken.withLock { $0.append(sample.sequence) }
    provisional.withLock { $0.append(isProvisional) }
    if isOpening { openings.withLock { $0.append(sample.sequence) } }
  }

  func standing(host: String, run: String) -> FleetStanding { standing.withLock { $0 } }
}
