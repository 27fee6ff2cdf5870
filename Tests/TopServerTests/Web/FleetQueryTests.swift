import MicroHTTPD
import Testing

@testable import TopServer

@Suite struct FleetQueryTests {
  private func query(_ text: String) throws -> FleetQuery {
    try FleetQuery(try RequestTarget("/hosts?\(text)").query)
  }

  private func names(_ text: String, _ scene: FleetScene) throws -> [String] {
    try query(text).select(from: scene).places.map { scene.hosts[$0].name }
  }

  /// Four hosts, of which one is stale and one is lost.
  private func scene() throws -> FleetScene {
    let stage = FleetStage()
    try stage.receive(1, of: "lost", busy: 0.99, link: 1)
    stage.pass(60)
    try stage.receive(1, of: "stale", busy: 0.05, link: 2)
    stage.pass(4)
    try stage.receive(1, of: "cool", busy: 0.1, link: 3)
    try stage.receive(1, of: "hot", busy: 0.95, link: 4)
    stage.pass(0.5)
    return FleetScene(sequence: 1, time: stage.now, hosts: stage.book.hosts)
  }

  @Test(arguments: [
    ("", ["hot", "cool", "stale", "lost"]),
    ("sort=cpu&order=asc", ["stale", "cool", "hot", "lost"]),
    ("sort=name", ["cool", "hot", "lost", "stale"]),
    ("sort=name&order=desc", ["stale", "lost", "hot", "cool"]),
    ("sort=age", ["lost", "stale", "cool", "hot"]), ("limit=2", ["hot", "cool"]),
    ("sort=average", ["hot", "cool", "stale", "lost"]),
    ("min_cpu=90", ["hot", "stale", "lost"]), ("min_cpu=10", ["hot", "cool", "stale", "lost"]),
    ("host=cool", ["cool"]), ("host=cool&host=lost", ["cool", "lost"]), ("host=none", []),
    ("host=cool&min_cpu=90", []),
  ])
  func hostsAreSelectedAndOrdered(text: String, expected: [String]) throws {
    #expect(try names(text, try scene()) == expected)
  }

  @Test func tiesAreOrderedByName() throws {
    let scene = FleetScene.test([.test("b"), .test("c"), .test("a")])
    #expect(try names("", scene) == ["a", "b", "c"])
    #expect(try names("order=asc", scene) == ["a", "b", "c"])
  }

  @Test(arguments: [
    (
      "x=1",
      "unknown parameter \"x\"; this route accepts fields, min_cpu, sort, order, limit and host"
    ),
    ("sort=pid", "sort=pid: sort accepts age or average or cpu or name"),
    ("order=up", "order=up: order accepts asc or desc"),
    ("limit=0", "limit=0: limit accepts a whole number from 1"),
    ("min_cpu=hot", "min_cpu=hot: min_cpu accepts a percentage from 0"),
    ("limit=1&limit=2", "limit is given more than once"),
  ])
  func anInvalidQueryNamesWhatIsAccepted(text: String, detail: String) throws {
    #expect(throws: Problem(status: 400, detail: detail)) { try query(text) }
  }
}
