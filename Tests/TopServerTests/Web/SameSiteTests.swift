import MicroHTTPD
import Testing

@testable import TopServer

@Suite struct SameSiteTests {
  @Test(
    arguments: [
      ([:], true), (["Sec-Fetch-Site": "same-origin"], true), (["Sec-Fetch-Site": "none"], true),
      (["Sec-Fetch-Site": "same-site"], false), (["Sec-Fetch-Site": "cross-site"], false),
      (["Host": "box:8845", "Origin": "http://box:8845"], true),
      (["Host": "box:8845", "Origin": "https://box:8845"], true),
      (["Host": "box:8845", "Origin": "http://evil.example"], false),
      (["Host": "box:8845", "Origin": "http://box:8846"], false),
      (["Host": "box:8845", "Origin": "null"], false),
      (["Host": "box:8845", "Sec-Fetch-Site": "cross-site", "Origin": "http://box:8845"], false),
    ] as [([String: String], Bool)])
  func onlyOurOwnPageAndToolsMayChangeState(_ headers: [String: String], _ allowed: Bool) {
    #expect(SameSite.allows(Request.test("/stop", headers)) == allowed)
  }
}
