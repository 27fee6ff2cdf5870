import Testing

@testable import Linux

@Suite("Console")
struct ConsoleTests {
  @Test("say writes one line to standard output and nothing to standard error")
  func say() async throws {
    let ended = await #expect(
      processExitsWith: .success, observing: [\.standardOutputContent, \.standardErrorContent]
    ) {
      Console.say("Listening on Zürich")
    }
    let result = try #require(ended)
    #expect(lines(result.standardOutputContent).contains("Listening on Zürich"))
    #expect(!lines(result.standardErrorContent).contains("Listening on Zürich"))
  }

  @Test("complain writes one line to standard error and nothing to standard output")
  func complain() async throws {
    let ended = await #expect(
      processExitsWith: .success, observing: [\.standardOutputContent, \.standardErrorContent]
    ) {
      Console.complain("no such folder")
    }
    let result = try #require(ended)
    #expect(lines(result.standardErrorContent).contains("no such folder"))
    #expect(!lines(result.standardOutputContent).contains("no such folder"))
  }

  @Test("redraw replaces the current line and adds no newline")
  func redraw() async throws {
    let ended = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
      Console.redraw("9 s left")
      Console.redraw("")
    }
    let written = String(decoding: try #require(ended).standardErrorContent, as: UTF8.self)
    #expect(written.hasSuffix("\r9 s left\u{1B}[K\r\u{1B}[K"))
  }

  @Test("A long line arrives complete")
  func longLine() async throws {
    let ended = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
      Console.say(String(repeating: "x", count: 300_000))
    }
    let written = lines(try #require(ended).standardOutputContent)
    #expect(written.contains(String(repeating: "x", count: 300_000)))
  }

  private func lines(_ bytes: [UInt8]) -> [String] {
    String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
