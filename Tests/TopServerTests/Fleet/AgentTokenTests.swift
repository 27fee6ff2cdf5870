import TestSupport
import Testing

@testable import TopServer

@Suite struct AgentTokenTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func read(_ text: String) throws -> Result<AgentToken, Failure> {
    try folder.write(text, to: "token")
    do throws(Failure) {
      return .success(try AgentToken.read("\(folder.path)/token", option: "--agent-token-file"))
    } catch {
      return .failure(error)
    }
  }

  @Test(arguments: ["secret", "secret\n", "  secret \r\n\n"])
  func whitespaceAroundTheTokenIsIgnored(text: String) throws {
    #expect(try read(text).get().text == "secret")
  }

  @Test(arguments: [
    "", "\n", "two words", "a\nb", "ä", "a\u{1}", String(repeating: "x", count: 1025),
  ])
  func anInvalidTokenFailsWithoutRevealingIt(text: String) throws {
    guard case .failure(let failure) = try read(text) else {
      Issue.record("it was taken")
      return
    }
    #expect(failure.description.contains("\(folder.path)/token"))
    #expect(!failure.description.contains("two words"))
  }

  @Test func aMissingFileNamesTheOption() {
    #expect(throws: Failure.self) {
      try AgentToken.read("\(folder.path)/none", option: "--agent-token-file")
    }
  }
}
