import ProcFS
import Testing

@Suite struct NetDevTests {
  private let heading = """
    Inter-|   Receive                                                |  Transmit
     face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed

    """

  private func parse(_ text: String) throws -> [NetDev.Interface] {
    try NetDev(parsing: Array(text.utf8).span, file: "net/dev").interfaces
  }

  @Test func readsBothDirections() throws {
    let interfaces = try parse(
      heading + """
            lo: 2273178198216 203342922    0    0    0     0          0         0 2273178198216 203342922    0    0    0     0       0          0
          eth0: 760360020   50836    1    2    3     4          5         6  3931656   44729    7    8    9    10      11         12

        """)
    #expect(interfaces.map(\.name) == ["lo", "eth0"])
    #expect(interfaces[0].received.bytes == 2_273_178_198_216)
    let eth0 = interfaces[1]
    #expect(eth0.received.bytes == 760_360_020 && eth0.received.packets == 50_836)
    #expect(eth0.received.errors == 1 && eth0.received.drops == 2)
    #expect(eth0.transmitted.bytes == 3_931_656 && eth0.transmitted.packets == 44_729)
    #expect(eth0.transmitted.errors == 7 && eth0.transmitted.drops == 8)
  }

  @Test(arguments: [
    ("eth0:1 2 3 4 5 6 7 8 9 10 11 12", "eth0"), ("  eth0:1: 1 2 3 4 5 6 7 8 9 10 11 12", "eth0:1"),
    ("br-0a: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", "br-0a"),
    ("<b>\u{1F408}</b>: 1 2 3 4 5 6 7 8 9 10 11 12", "<b>\u{1F408}</b>"),
  ])
  func acceptsUnusualNames(_ line: String, _ name: String) throws {
    let interface = try #require(try parse(line).first)
    #expect(interface.name == name)
    #expect(interface.received.bytes == 1 && interface.transmitted.drops == 12)
  }

  @Test func namesAreRepaired() throws {
    let bytes = [0x65, 0xC3] + Array(": 1 2 3 4 5 6 7 8 9 10 11 12".utf8)
    #expect(
      try NetDev(parsing: bytes.span, file: "net/dev").interfaces.map(\.name) == ["e\u{FFFD}"])
  }

  @Test(arguments: [
    ": 1 2 3 4 5 6 7 8 9 10 11 12", "x:", "x: 1 2 3", "x: 1 2 3 4 5 6 7 8 9 10 11",
    "x: 1 2 3 4 5 6 7 8 many 10 11 12", "x: -1 2 3 4 5 6 7 8 9 10 11 12",
    "x: 99999999999999999999 2 3 4 5 6 7 8 9 10 11 12",
  ])
  func anInvalidLineHidesNoOther(_ line: String) throws {
    let good = "lo: 1 2 3 4 5 6 7 8 9 10 11 12"
    #expect(try parse("\(heading)\(line)\n\(good)\n").map(\.name) == ["lo"])
    #expect(throws: ProcError.malformed(file: "net/dev", field: "interface")) {
      try parse(heading + line)
    }
  }

  @Test func aNamespaceWithoutInterfacesIsNotAnError() throws {
    #expect(try parse(heading) == [])
    #expect(try parse("") == [])
  }
}
