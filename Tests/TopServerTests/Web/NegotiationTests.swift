import Testing

@testable import TopServer

@Suite struct NegotiationTests {
  @Test(arguments: [
    ("gzip", true), ("GZIP", true), ("x-gzip", true), ("gzip, deflate, br", true),
    ("br;q=1.0, gzip;q=0.8", true),
    ("gzip;q=0", false), ("gzip; q=0.0", false), ("deflate, gzip ; q=0.5", true), ("*", true),
    ("*;q=0", false),
    ("identity", false), ("*, gzip;q=0", false), ("gzip;q=0, *", false), ("", false), ("br", false),
    ("gzipped", false),
  ])
  func gzipIsSentIfItIsAccepted(_ header: String, _ accepted: Bool) {
    #expect(Negotiation.acceptsGzip(header) == accepted)
  }

  @Test func withoutTheHeaderNothingIsCompressed() {
    #expect(!Negotiation.acceptsGzip(nil))
  }

  @Test(arguments: [
    ("\"a-1\"", true), ("W/\"a-1\"", true), ("\"x\", \"a-1\"", true), ("\"x\" , \"a-1\" ", true),
    ("*", true),
    ("\"a-12\"", false), ("\"a-1", false), ("a-1", false), ("\"a-1\"x", false), ("", false),
  ])
  func tagsAreComparedCompletely(_ header: String, _ known: Bool) {
    #expect(Negotiation.isCurrent(header, tag: "\"a-1\"") == known)
  }
}

@Suite struct HostPolicyTests {
  private let policy = HostPolicy(hostName: "Box", allowed: ["top.example.org"])

  @Test(arguments: [
    "localhost", "localhost:8845", "LOCALHOST", "localhost.", "app.localhost", "127.0.0.1",
    "127.0.0.1:80",
    "10.1.2.3", "[::1]", "[::1]:8845", "[fe80::1]", "box", "BOX:1", "top.example.org",
    "Top.Example.Org.:443",
  ])
  func allows(_ host: String) { #expect(policy.allows(host)) }

  @Test(arguments: [
    "evil.example", "localhost.evil.example", "evil-localhost", "127.0.0.1.evil.example",
    "127.0.0.1.nip.io", "",
    ":80", "a b", "localhost:x", "[::1", "[::1]x", "[::1]evil", "localhost@evil", "example.org",
    "127.0.0.999", "top.example.org.evil",
  ])
  func refuses(_ host: String) { #expect(!policy.allows(host)) }

  @Test func aStarAllowsEveryName() {
    let open = HostPolicy(hostName: "box", allowed: ["*"])
    #expect(open.allows("anything.example"))
    #expect(!open.allows("no host"))
  }
}
