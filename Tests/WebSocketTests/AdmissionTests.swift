import Testing

@testable import WebSocket

@Suite("Admission")
struct AdmissionTests {
  @Test("Connections are limited in total and per address")
  func limits() {
    var limits = WebSocketLimits()
    limits.connections = 3
    limits.connectionsPerAddress = 2
    var admission = Admission(limits)
    let entered = ["a", "a", "a", "b"].map { admission.enter($0) }
    #expect(entered == [true, true, false, true])
    #expect(!admission.hasRoom(for: "c"))
    admission.leave("a")
    #expect(admission.hasRoom(for: "c"))
    let returned = admission.enter("a")
    #expect(returned)
    #expect(admission.count == 3)
  }
}
