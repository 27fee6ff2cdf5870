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
    #expect(text(hub.received(message(), on: 1, at: .at(1000))) == #"{"v":1,"ack":1,"stored":1}"#)
    #expect(
      text(hub.received(Array("from b: 5".utf8), on: 1, at: .at(1000)))
        == "1008 a connection speaks for one host; open another one")
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

  @Test func garbageIsRefusedWithAReason() {
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
    hub.closed(1)
    let look = hub.tick(at: .at(1000))
    #expect(look.steps.map(\.kind) == [.connected, .disconnected])
    #expect(look.hosts.first?.isConnected == false)
    #expect(hub.counts.connections == 0 && hub.counts.connectionsTotal == 1)
    // What comes after the end is nobody's.
    #expect(text(hub.received(message(), on: 1, at: .at(1000))).hasPrefix("1008"))
  }

  @Test func theOldConnectionOfARunIsToBeClosed() {
    hub.opened(1, peer: "a", at: .at(1000))
    hub.opened(2, peer: "a", at: .at(1000))
    _ = hub.received(message("web-1", 1), on: 1, at: .at(1000))
    #expect(hub.received(message("web-1", 2), on: 2, at: .at(1000)).replaced == 1)
    #expect(hub.counts.replaced == 1)
  }

  @Test func whatIsKeptIsAcknowledgedWhenItIsSafe() {
    let recorder = SlowRecorder()
    let hub = Hub(recorder: recorder, at: .at(1000))
    hub.opened(1, peer: "a", at: .at(1000))
    #expect(
      text(hub.received(message("w", 1), on: 1, at: .at(1000))) == #"{"v":1,"ack":1,"stored":0}"#)
    recorder.stored.withLock { $0 = 1 }
    #expect(
      text(hub.received(message("w", 2), on: 1, at: .at(1000))) == #"{"v":1,"ack":2,"stored":1}"#)
    // One that comes twice is recorded once.
    #expect(
      text(hub.received(message("w", 1), on: 1, at: .at(1000))) == #"{"v":1,"ack":1,"stored":1}"#)
    #expect(recorder.taken.withLock { $0 } == [1, 2])
    #expect(hub.counts.duplicates == 1)
  }

  @Test func thisMachineIsAHostLikeAllOthers() {
    hub.take(.test("hub"), at: .at(1000))
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

/// Keeps what it is told to have kept.
private final class SlowRecorder: FleetRecorder {
  let taken = Mutex<[UInt64]>([])
  let stored = Mutex<UInt64?>(nil)

  func take(_ sample: HostSample) { taken.withLock { $0.append(sample.sequence) } }

  func storedThrough(host: String, run: String) -> UInt64? { stored.withLock { $0 } }
}
