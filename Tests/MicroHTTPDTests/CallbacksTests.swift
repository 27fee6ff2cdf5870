import Testing

@testable import MicroHTTPD

@Suite("Log callback")
struct CallbacksTests {
  @Test(
    "Text from a client cannot break a log line or control a terminal",
    arguments: [
      ("plain text\n", "plain text"),
      ("two\nlines\r\n", "two lines"),
      ("\u{1B}[31mred\u{7}", " [31mred"),
      ("a\tb", "a b"),
      ("", ""),
      (String(repeating: "x", count: 600), String(repeating: "x", count: 511)),
    ])
  func controlCharacters(text: String, expected: String) throws {
    let log = Log()
    var configuration = DaemonConfiguration { _ in Server.text("").response }
    configuration.log = { log.add($0) }
    let service = try Service(configuration: configuration) { _ in Server.text("") }
    unsafe text.withCString { text in
      unsafe withVaList([text]) { arguments in
        unsafe messageLogged(Unmanaged.passUnretained(service).toOpaque(), "%s", arguments)
      }
    }
    withExtendedLifetime(service) {}
    #expect(log.lines == [expected])
  }
}
