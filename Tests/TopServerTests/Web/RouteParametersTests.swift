import FoundationEssentials
import MicroHTTPD
import TestSupport
import Testing

@testable import TopServer

/// The routes behave as their lists of parameters say.
@Suite struct RouteParametersTests {
  private let routes: Routes

  init() throws { routes = try .test() }

  private static let all = Routes.parameters.flatMap { route in
    route.parameters.all.map { (route.path, $0) }
  }

  private func accepts(_ path: String, _ query: String) -> Bool {
    guard case .ready(_, let status) = routes.answer(.test("\(path)?\(query)")) else { return true }
    return status != 400
  }

  @Test(arguments: all)
  func aRouteAcceptsTheListedValuesOnly(_ path: String, _ parameter: QueryParameter) {
    let (good, bad): ([String], [String]) =
      switch parameter.values.kind {
      case .text: (["a"], [])
      case .moment: (["-1s"], ["soon", ""])
      case .duration(let least), .wholeNumber(let least):
        (["\(least)", "\(least + 1)"], ["\(least - 1)", "\(least).x", ""])
      case .number(let least): (["\(least)", "\(least).5"], ["\(least - 1)", ""])
      case .word(let words): (words, ["nope", ""])
      case .words(let words): (words + [words.joined(separator: ",")], ["nope", "", ","])
      }
    for value in good + (parameter.absent.map { [$0] } ?? []) {
      #expect(accepts(path, "\(parameter.name)=\(value)"), "\(value)")
    }
    for value in bad { #expect(!accepts(path, "\(parameter.name)=\(value)"), "\(value)") }
    let value = good.first ?? ""
    #expect(
      accepts(path, "\(parameter.name)=\(value)&\(parameter.name)=\(value)")
        == (parameter.repetition != .refused))
  }

  @Test(arguments: Routes.parameters.map { ($0.path, $0.parameters) })
  func otherNamesAreRefused(_ path: String, _ parameters: QueryParameters) {
    #expect(!accepts(path, "nope=1"))
    #expect(Set(parameters.all.map(\.name)).count == parameters.all.count)
    for parameter in parameters.all {
      #expect(parameter.help.hasSuffix("."), "\(parameter.name)")
    }
  }

  @Test func everyListedRouteExists() {
    for (path, _) in Routes.parameters {
      guard case .ready(_, let status) = routes.answer(.test(path)) else { continue }
      #expect(status != 404, "\(path)")
    }
  }

  @Test func everyRouteIsListedOrIgnoresItsQuery() throws {
    let source = try String(
      contentsOfFile: Fixtures.sources() + "/TopServer/Web/Routes.swift", encoding: .utf8)
    let cases = source.matches(of: /\n    case ("[^:]+"):/).flatMap { match in
      match.1.split(separator: ", ").map { String($0.dropFirst().dropLast()) }
    }
    let ignoring: Set = ["/webservices/cpu", "/start", "/stop", "/", "/livez", "/readyz"]
    #expect(Set(cases) == ignoring.union(Routes.parameters.map(\.path)))
  }

  // MARK: - Meaning

  /// Expects that each value changes the query, and that each default does not.
  private func expectAllRead<Query: Equatable>(
    _ parameters: QueryParameters, _ values: [String: String],
    _ read: ([(name: String, value: String)]) throws -> Query
  ) throws {
    #expect(Set(parameters.all.map(\.name)) == Set(values.keys))
    let plain = try read([])
    for (name, value) in values { #expect(try read([(name, value)]) != plain, "\(name)") }
    for parameter in parameters.all {
      guard let absent = parameter.absent else { continue }
      #expect(try read([(parameter.name, absent)]) == plain, "\(parameter.name)")
    }
  }

  @Test func allParametersOfCPUUsageAreRead() throws {
    try expectAllRead(
      CPUUsageQuery.parameters,
      [
        "fields": "pid", "sort": "pid", "order": "asc", "limit": "1", "name": "a",
        "status": "dead", "min_cpu": "1", "filter": "a", "group": "unit", "tree": "1",
        "scale": "host", "at": "-1m",
      ]
    ) { try CPUUsageQuery($0.map { RequestTarget.QueryItem($0.name, $0.value) }) }
  }

  @Test func allParametersOfHostsAreRead() throws {
    try expectAllRead(
      FleetQuery.parameters,
      [
        "fields": "host", "min_cpu": "1", "sort": "name", "order": "asc", "limit": "1",
        "host": "a",
      ]
    ) { try FleetQuery($0.map { RequestTarget.QueryItem($0.name, $0.value) }) }
  }

  @Test func allParametersOfHistoryAreRead() throws {
    try expectAllRead(
      HistoryQuery.parameters,
      ["series": "all", "from": "-1h", "to": "-1m", "step": "10", "host": "a"]
    ) { try HistoryQuery($0, now: 1_700_000_000_000) }
  }

  @Test func allParametersOfATimeRangeAreRead() throws {
    let bounds = StretchQuery.Bounds(limit: 7, longest: 60_000, longestInWords: "a minute")
    try expectAllRead(
      bounds.parameters, ["from": "-30s", "to": "-1s", "limit": "1"]
    ) {
      try StretchQuery(
        $0.map { RequestTarget.QueryItem($0.name, $0.value) }, now: 1_700_000_000_000, bounds)
    }
  }
}
