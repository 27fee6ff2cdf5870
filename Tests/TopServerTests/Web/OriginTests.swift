import Testing

@testable import TopServer

@Suite struct OriginTests {
  @Test(arguments: [
    ("http://box:8845", "box:8845"), ("https://box:8845", "box:8845"),
    ("http://box", "box"), ("http://box", "box:80"), ("http://box:80", "box"),
    ("https://box", "box"), ("https://box", "box:443"), ("https://box:443", "box"),
    ("https://localhost", "localhost:443"), ("HTTP://Box:8845", "bOX:8845"),
    ("http://box.example.org.:8845", "box.example.org:8845"), ("http://box", "box:"),
    ("http://[::1]:8845", "[::1]:8845"), ("http://[::1]", "[::1]:80"),
    ("http://[2001:db8::1]", "[2001:DB8:0:0:0:0:0:1]"), ("http://127.0.0.1:1", "127.0.0.1:1"),
  ])
  func matchingOriginsAreRecognized(_ origin: String, _ host: String) {
    #expect(Origin(origin)?.matches(host: host) == true)
  }

  @Test(arguments: [
    ("http://box:8845", "box:8846"), ("http://box", "box:443"), ("https://box", "box:80"),
    ("https://box:80", "box:443"), ("http://box:8845", "box"), ("http://evil.example", "box"),
    ("http://box.evil.example", "box"), ("http://boxx", "box"), ("http://[::1]", "[::2]"),
    ("http://[::1]:8845", "[::1]:8846"), ("http://[::1]", "127.0.0.1"), ("http://box", ""),
    ("http://box", "box:x"), ("http://box", "box:70000"), ("http://box", "[box"),
  ])
  func otherOriginsAreRecognized(_ origin: String, _ host: String) {
    #expect(Origin(origin)?.matches(host: host) != true)
  }

  @Test(arguments: [
    "null", "", "box", "//box", "ftp://box", "file://", "http:/box", "http://", "http://box/",
    "http://box/path", "http://user@box", "http://box:99999", "http://box http://box",
    "http://[::1",
    "chrome-extension://abc",
  ])
  func invalidOriginsAreRejected(_ text: String) {
    #expect(Origin(text) == nil)
  }
}
