import Testing

@testable import TopServer

@Suite struct AgentAdmissionTests {
  private func status(
    token: String? = nil, listening: String = "127.0.0.1", _ authorization: [String] = [],
    origins: [String] = []
  ) -> Int? {
    AgentAdmission(token: token.map { AgentToken(text: $0) }, listening: listening)
      .refusal(authorization: authorization, origins: origins, host: "hub.example:8845")?
      .problem.status
  }

  @Test(arguments: ["127.0.0.1", "::1", "localhost", "127.1.2.3"])
  func onLoopbackNoTokenIsNeeded(listening: String) {
    #expect(status(listening: listening) == nil)
    #expect(status(token: "t", listening: listening) == 401)
  }

  @Test(arguments: ["0.0.0.0", "::", "10.0.0.1", "hub.example"])
  func beyondLoopbackATokenIsNeeded(listening: String) {
    #expect(status(listening: listening) == 403)
    #expect(status(listening: listening, ["Bearer t"]) == 403)
    #expect(status(token: "t", listening: listening, ["Bearer t"]) == nil)
  }

  @Test(arguments: ["Bearer secret", "bearer secret", "BEARER  secret"])
  func aCorrectTokenIsAccepted(header: String) {
    #expect(status(token: "secret", [header]) == nil)
  }

  @Test(arguments: [
    [], [""], ["Bearer"], ["Bearer "], ["secret"], ["Basic secret"], ["Bearer Secret"],
    ["Bearer secret "], ["Bearer secre"], ["Bearer secrets"],
  ])
  func aWrongTokenIsRejected(headers: [String]) {
    #expect(status(token: "secret", headers) == 401)
  }

  @Test(arguments: [
    "http://evil.example", "null", "", "http://hub.example", "https://hub.example:8846",
    "ws://hub.example:8845", "http://hub.example:8845.evil.example",
  ])
  func aPageOfAnotherSiteIsRejected(origin: String) {
    #expect(status(origins: [origin]) == 403)
    #expect(status(origins: ["http://hub.example:8845", origin]) == 403)
  }

  @Test(arguments: ["http://hub.example:8845", "https://hub.example:8845"])
  func ourOwnPageIsAccepted(origin: String) {
    #expect(status(origins: [origin]) == nil)
  }
}
