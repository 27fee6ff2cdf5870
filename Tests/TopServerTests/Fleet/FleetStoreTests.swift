import Testing

@testable import TopServer

@Suite struct FleetStoreTests {
  private let hosts = [
    KnownHost(name: "web-1", kind: .agent, address: "10.0.0.7", agent: "0.5.0", lastSeen: 17),
    KnownHost(name: "b", kind: .text, address: nil, agent: nil, lastSeen: 0),
    KnownHost(
      name: "c", kind: .agent, address: "::1", agent: "0.5.0", lastSeen: 17, firstSeen: 3,
      run: "0123456789ab-zz", ownedSince: 5, missed: 1_000_000_000),
  ]

  @Test func itComesBackAsItWas() throws {
    #expect(try KnownHost.list(parsing: KnownHost.text(of: hosts)) == hosts)
  }

  @Test(arguments: ["", "{}", "[]", #"{"version":2,"hosts":[]}"#, #"{"version":1}"#])
  func anythingElseIsRefused(text: String) {
    #expect(throws: Failure.self) { try KnownHost.list(parsing: Array(text.utf8)) }
  }

  @Test func aLargeFleetIsWrittenSeldom() {
    #expect(FleetStore.extraPause(for: 100) == .seconds(1))
    #expect(FleetStore.extraPause(for: 20_000) == .seconds(50))
  }

  @Test func aHostThatMakesNoSenseIsLeftOut() throws {
    let text = #"""
      {"version":1,"hosts":[7,{},{"name":"a b","kind":"agent","last_seen":1},
      {"name":"a","kind":"local","last_seen":1},{"name":"a","kind":"agent","last_seen":-1},
      {"name":"good","kind":"agent","last_seen":1}]}
      """#
    #expect(try KnownHost.list(parsing: Array(text.utf8)).map(\.name) == ["good"])
  }
}
