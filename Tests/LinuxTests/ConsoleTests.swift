import Testing

@testable import Linux

@Suite("Console")
struct ConsoleTests {
  @Test("What we say is one line on standard output and nothing on standard error")
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

  @Test("What we complain about is one line on standard error and nothing on standard output")
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

  @Test("A line that is redrawn takes the place of the one before, and is no line of its own")
  func redraw() async throws {
    let ended = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
      Console.redraw("9 s left")
      Console.redraw("")
    }
    let written = String(decoding: try #require(ended).standardErrorContent, as: UTF8.self)
    #expect(written.hasSuffix("\r9 s left\u{1B}[K\r\u{1B}[K"))
  }

  @Test("A long line arrives whole")
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
