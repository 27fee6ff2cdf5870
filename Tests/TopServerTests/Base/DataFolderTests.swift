import Testing

@testable import TopServer

@Suite struct DataFolderTests {
  @Test(
    arguments: [
      (["STATE_DIRECTORY": "/var/lib/a:/var/lib/b", "HOME": "/root"], "/var/lib/a"),
      (["XDG_STATE_HOME": "/state", "HOME": "/root"], "/state/topserver"),
      (["XDG_STATE_HOME": "relative", "HOME": "/root"], "/root/.local/state/topserver"),
      (["HOME": "/root"], "/root/.local/state/topserver"), ([:], nil), (["HOME": ""], nil),
    ] as [([String: String], String?)])
  func theEnvironmentDecides(_ environment: [String: String], _ expected: String?) {
    #expect(DataFolder.usual(environment) == expected)
  }
}
