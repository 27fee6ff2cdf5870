import Testing

@testable import MicroHTTPD

@Suite("Request target")
struct RequestTargetTests {
  @Test(
    "The path is decoded",
    arguments: [
      ("/", "/"),
      ("/cpu_usage", "/cpu_usage"),
      ("/a//b/", "/a//b/"),
      ("/a%20b", "/a b"),
      ("/%41%7a%7A", "/Azz"),
      ("/a%2Fb", "/a/b"),
      ("/100%25", "/100%"),
      ("/a+b", "/a+b"),
      ("/Z%C3%BCrich", "/Zürich"),
      ("/%F0%9F%A6%8A", "/🦊"),
      ("/a%FFb", "/a\u{FFFD}b"),
      ("/line%0D%0Abreak", "/line\r\nbreak"),
      ("/a.b", "/a.b"), ("/...", "/..."), ("/.well-known", "/.well-known"),
      ("/a..b/c.", "/a..b/c."),
      ("/path?", "/path"),
    ])
  func path(raw: String, expected: String) throws {
    #expect(try RequestTarget(raw).path == expected)
  }

  @Test(
    "The query is parsed, decoded and kept in order",
    arguments: [
      ("/", [], ""),
      ("/?", [], ""),
      ("/?a=1&b=2&a=3", [.init("a", "1"), .init("b", "2"), .init("a", "3")], "a=1&b=2&a=3"),
      ("/?a", [.init("a", "")], "a"),
      ("/?a=", [.init("a", "")], "a="),
      ("/?=1", [.init("", "1")], "=1"),
      ("/?&&a=1&", [.init("a", "1")], "&&a=1&"),
      ("/?a=b=c", [.init("a", "b=c")], "a=b=c"),
      ("/?a+b=c+d", [.init("a b", "c d")], "a+b=c+d"),
      ("/?a%3Db=c%26d", [.init("a=b", "c&d")], "a%3Db=c%26d"),
      ("/?a=%2B", [.init("a", "+")], "a=%2B"),
      ("/?q=%E6%9D%B1", [.init("q", "東")], "q=%E6%9D%B1"),
      ("/?a=/../b?c", [.init("a", "/../b?c")], "a=/../b?c"),
    ] as [(String, [RequestTarget.QueryItem], String)])
  func query(raw: String, items: [RequestTarget.QueryItem], text: String) throws {
    let target = try RequestTarget(raw)
    #expect(target.query == items)
    #expect(target.rawQuery == text)
  }

  @Test(
    "A target in absolute form has an authority",
    arguments: [
      ("http://example.org/a?b=c", "example.org", "/a"),
      ("http://example.org:8845/", "example.org:8845", "/"),
      ("https://example.org/a", "example.org", "/a"),
      ("HTTP://Example.ORG/A", "Example.ORG", "/A"),
      ("http://example.org", "example.org", "/"),
      ("http://[::1]:8845/a", "[::1]:8845", "/a"),
      ("http://example.org?a=b", "example.org", "/"),
      ("http:///a", "", "/a"),
    ])
  func absoluteForm(raw: String, authority: String, path: String) throws {
    let target = try RequestTarget(raw)
    #expect(target.authority == authority)
    #expect(target.path == path)
  }

  @Test("A target in origin form has no authority, even if it looks like one")
  func originForm() throws {
    #expect(try RequestTarget("/http://example.org/").authority == nil)
    #expect(try RequestTarget("//example.org/").authority == nil)
  }

  @Test("A target of the longest allowed request line is parsed completely")
  func long() throws {
    let segment = String(repeating: "a", count: 15_000)
    let value = String(repeating: "%41", count: 5_000)
    let target = try RequestTarget("/\(segment)?v=\(value)")
    #expect(target.path.utf8.count == 15_001)
    #expect(target.query.first?.value == String(repeating: "A", count: 5_000))
  }

  // MARK: - Refusals

  private static let escape = "a % must be followed by two hexadecimal digits"
  private static let character =
    "the request target contains a character that must be percent-encoded"
  private static let dots = "the path contains a dot segment"
  private static let form = "the request target must be a path that begins with /"

  @Test(
    "An ambiguous target is refused with the reason",
    arguments: [
      ("", form), ("*", form), ("cpu_usage", form), ("example.org:443", form), ("ftp://a/b", form),
      ("?a=b", form),
      ("/%", escape), ("/%4", escape), ("/%4g", escape), ("/%g4", escape), ("/%%41", escape),
      ("/%+1", escape), ("/%-1", escape), ("/?a=%", escape), ("/?%zz=1", escape),
      ("/a%00b", "%00 is not allowed"), ("/?a=%00", "%00 is not allowed"),
      ("/?%00=a", "%00 is not allowed"),
      ("/.", dots), ("/..", dots), ("/a/./b", dots), ("/a/../b", dots), ("/a/..", dots),
      ("/%2e%2e/b", dots), ("/.%2E", dots), ("/a%2F..%2Fb", dots), ("/..?a=b", dots),
      // A combining character forms one Character with the slash before it, but a file system sees the slash.
      ("/a/../%CC%81b", dots), ("/%CC%81/a/..%2F%CC%81b", dots),
      ("http://example.org/..", dots),
      ("/a b", character), ("/a\tb", character), ("/a\u{0}b", character), ("/a\u{7F}", character),
      ("/a\r\nb", character), ("/Zürich", character), ("/🦊", character), ("/?a=ü", character),
    ])
  func refuses(raw: String, reason: String) {
    #expect(throws: RequestTarget.Malformed(reason: reason)) { try RequestTarget(raw) }
  }
}
