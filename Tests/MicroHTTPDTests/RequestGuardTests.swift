import Testing

@testable import MicroHTTPD

@Suite("Request guard")
struct RequestGuardTests {
  typealias Lines = [(name: String, value: String)]

  @Test(
    "An unambiguous message passes",
    arguments: [
      [("Host", "a")],
      [("HOST", "a"), ("Content-Length", "0")],
      [("Host", "a \t"), ("Content-Length", "\t12 ")],
      [("Host", "a"), ("Transfer-Encoding", "chunked \t ")],
      [("host", "a"), ("content-length", "00012")],
      [("Host", "a"), ("Transfer-Encoding", "chunked")],
      [("Host", "a"), ("transfer-encoding", "CHUNKED")],
      [("Host", "a"), ("X", "")],
      [("Host", "a"), ("X", "tab\tand space"), ("X", "twice")],
      [("Host", "a"), ("!#$%&'*+-.^_`|~09azAZ", "every character of a token")],
      [("Host", "a"), ("X", "Zürich")],
      [("Host", "")],
    ] as [Lines])
  func passes(lines: Lines) {
    #expect(verdict(lines) == nil)
  }

  private static let name = "a header name contains a character that is not allowed"
  private static let value = "a header value contains a control character"
  private static let number = "Content-Length is not a number"
  private static let chunked = "the only supported Transfer-Encoding is chunked"

  @Test(
    "An ambiguous message is refused with the reason",
    arguments: [
      ([], "no Host header"),
      ([("X", "a")], "no Host header"),
      ([("Host", "a"), ("Host", "b")], "more than one Host header"),
      ([("Host", "a"), ("host", "a")], "more than one Host header"),
      (
        [("Host", "a"), ("Content-Length", "5"), ("Content-Length", "5")],
        "more than one Content-Length"
      ),
      (
        [("Host", "a"), ("Content-Length", "5"), ("Content-Length", "6")],
        "more than one Content-Length"
      ),
      (
        [("Host", "a"), ("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "chunked")],
        "more than one Transfer-Encoding"
      ),
      (
        [("Host", "a"), ("Content-Length", "5"), ("Transfer-Encoding", "chunked")],
        "both Content-Length and Transfer-Encoding"
      ),
      ([("Host", "a"), ("Transfer-Encoding", "gzip, chunked")], chunked),
      ([("Host", "a"), ("Transfer-Encoding", "xchunked")], chunked),
      ([("Host", "a"), ("Transfer-Encoding", "identity")], chunked),
      ([("Host", "a"), ("Transfer-Encoding", "")], chunked),
      ([("Host", "a"), ("Content-Length", "")], number),
      ([("Host", "a"), ("Content-Length", "+5")], number),
      ([("Host", "a"), ("Content-Length", "-5")], number),
      ([("Host", "a"), ("Content-Length", "5, 5")], number),
      ([("Host", "a"), ("Content-Length", "0x5")], number),
      ([("Host", "a"), ("Content-Length", "5 5")], number),
      ([("Host", "a"), ("Content-Length", " ")], number),
      ([("Host", "a"), ("Content-Length", "٥")], number),
      ([("Host", "a"), ("Content-Length", "99999999999999999999")], number),
      ([("Host", "a"), ("Transfer-Encoding ", "chunked")], name),
      ([("Host", "a"), ("X Y", "a")], name),
      ([("Host", "a"), ("", "a")], name),
      ([("Host", "a"), ("Ü", "a")], name),
      ([("Host", "a"), ("X\u{0}", "a")], name),
      ([("Host", "a"), ("X(", "a")], name),
      ([("Host", "a"), ("X", "a\rb")], value),
      ([("Host", "a"), ("X", "a\nb")], value),
      ([("Host", "a"), ("X", "a\u{0}b")], value),
      ([("Host", "a"), ("X", "a\u{7F}")], value),
      ([("Host", "a\u{1}")], value),
    ] as [(Lines, String)])
  func refuses(lines: Lines, reason: String) {
    #expect(verdict(lines) == reason)
  }

  @Test("Before HTTP/1.1 Host is optional, but two are refused")
  func oldVersion() {
    #expect(verdict([], needsHost: false) == nil)
    #expect(
      verdict([("Host", "a"), ("Host", "a")], needsHost: false) == "more than one Host header")
  }

  @Test("The first problem is reported")
  func firstProblem() {
    #expect(
      verdict([("X Y", "a"), ("Content-Length", "x"), ("Host", "a"), ("Host", "a")]) == Self.name)
  }

  @Test("Host and length are available to later checks")
  func facts() {
    let inspection = inspect([("Host", "Example.org:8845"), ("Content-Length", "42")])
    #expect(inspection.host == "Example.org:8845")
    #expect(inspection.contentLength == 42)
    #expect(inspect([("Host", "a")]).contentLength == nil)
  }

  // MARK: - Helpers

  private func inspect(_ lines: Lines) -> RequestGuard {
    var inspection = RequestGuard()
    for line in lines {
      let (name, value) = (Array(line.name.utf8), Array(line.value.utf8))
      inspection.inspect(name.span, value.span)
    }
    return inspection
  }

  private func verdict(_ lines: Lines, needsHost: Bool = true) -> String? {
    inspect(lines).verdict(needsHost: needsHost)
  }
}
