import MicroHTTPD
import TestSupport
import Testing

@testable import TopServer

@Suite struct RoutesTests {
  private let folder: TemporaryFolder
  private let routes: Routes
  private let answers: AnswerDesk<AnswerEncoder>
  private let isStopping = Latest(false)
  private let counts = RequestCounts()

  init() throws {
    folder = try TemporaryFolder()
    try folder.write("<!doctype html><title>t</title>", to: "stats.html")
    try folder.write("body { margin: 0 }", to: "client.css")
    try folder.write("export {}", to: "client.js")
    try folder.write("secret", to: "notes.txt")
    answers = .test
    routes = try .test(
      answers, isStopping: isStopping, counts: counts, files: StaticFiles(folder: folder.path))
  }

  private func reply(_ target: String, method: String = "GET", _ headers: [String: String] = [:])
    -> Reply
  {
    routes.answer(.test(target, method: method, headers))
  }

  @Test(arguments: [
    ("/cpu_usage", 200, "application/json"), ("/system", 200, "application/json"),
    ("/stats", 200, "text/html; charset=utf-8"),
    ("/client.css", 200, "text/css; charset=utf-8"),
    ("/client.js", 200, "text/javascript; charset=utf-8"),
    ("/", 307, "text/plain; charset=utf-8"), ("/livez", 200, "application/json"),
    ("/readyz", 200, "application/json"), ("/nope", 404, "application/problem+json"),
    ("/notes.txt", 404, "application/problem+json"),
    ("/cpu_usage/", 404, "application/problem+json"),
    ("/cpu_usage?x=1", 400, "application/problem+json"),
    ("/system?x=1", 400, "application/problem+json"),
    ("/webservices/cpu/", 426, "application/problem+json"),
    ("/hosts", 200, "application/json"), ("/hosts?x=1", 400, "application/problem+json"),
    ("/alerts", 200, "application/json"), ("/alerts?recent=0", 200, "application/json"),
    ("/alerts?recent=-1", 400, "application/problem+json"),
    ("/alerts?x=1", 400, "application/problem+json"),
    ("/events?after=x", 400, "application/problem+json"),
    ("/events?x=1", 400, "application/problem+json"),
  ])
  func eachPathHasItsStatusAndType(_ path: String, _ status: Int, _ type: String) {
    #expect(reply(path).status == status)
    #expect(reply(path).response.header("Content-Type") == type)
  }

  @Test(arguments: ["/cpu_usage", "/", "/stats", "/nope", "/readyz", "/cpu_usage?x=1"])
  func everyAnswerHasTheSecurityHeaders(_ path: String) {
    let response = reply(path).response
    #expect(response.header("X-Content-Type-Options") == "nosniff")
    #expect(response.header("X-Frame-Options") == "DENY")
    #expect(response.header("Referrer-Policy") == "no-referrer")
    #expect(response.header("Cross-Origin-Resource-Policy") == "same-origin")
    let source = path == "/stats" ? "'self'" : "'none'"
    #expect(response.header("Content-Security-Policy")?.hasPrefix("default-src \(source);") == true)
  }

  @Test(arguments: ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get", "PATCH"])
  func otherMethodsGetTheAllowedOnes(_ method: String) {
    for path in ["/cpu_usage", "/stats", "/", "/livez"] {
      let reply = reply(path, method: method)
      #expect(reply.status == 405)
      #expect(reply.response.header("Allow") == "GET, HEAD")
    }
  }

  @Test func aKnownTagGets304WithTheSameHeaders() throws {
    for path in ["/cpu_usage", "/stats"] {
      let first = reply(path)
      let tag = try #require(first.response.header("ETag"))
      let second = reply(path, ["If-None-Match": tag])
      #expect(second.status == 304)
      #expect(second.response === first.response)
      #expect(reply(path, ["If-None-Match": "\"other\""]).status == 200)
      // The tag of the plain form does not match the compressed one.
      #expect(reply(path, ["If-None-Match": tag, "Accept-Encoding": "gzip"]).status == 200)
    }
  }

  @Test func theRedirectToThePageIsRelative() {
    #expect(reply("/").response.header("Location") == "stats")
  }

  @Test func readinessSaysHowOldTheSampleIs() {
    let late = HealthRoutes(
      desk: answers, interval: .seconds(1), isStopping: isStopping, now: { 1_004_500_000_000 })
    let reply = late.ready(.test("/readyz"))
    #expect(reply.status == 503)
    #expect(
      reply.response.text.contains("the newest sample is 3.5 s old; a new one is due every 1.0 s"))
    #expect(late.live(.test("/livez")).status == 200)
  }

  @Test func eachRequestIsCountedOnce() {
    for path in ["/cpu_usage", "/cpu_usage?limit=1", "/cpu_usage?x=1", "/system", "/", "/nope"] {
      _ = reply(path)
    }
    _ = reply("/cpu_usage", method: "POST")
    #expect(counts.now == .init(cpuUsage: 4, system: 1, other: 2))
  }

  @Test func aStoppingServerIsNotReady() {
    isStopping.publish(true)
    #expect(reply("/readyz").status == 503)
  }

  @Test func aMissingFileIsNamed() throws {
    try folder.remove("client.js")
    let failure = try #require(throws: Failure.self) { try StaticFiles(folder: folder.path) }
    #expect(
      failure.description
        == "no client.js in \(folder.path); choose the folder of the static files with --static")
    let missing = try #require(throws: Failure.self) {
      try StaticFiles(folder: folder.path + "/none")
    }
    #expect(missing.description.contains("No such file or directory"))
  }

  @Test func refusalsSayWhatToChange() {
    #expect(
      Problem(.hostNotAllowed("evil.example:80")).detail
        == "this server does not answer for the host \"evil.example:80\"; if it should, start it with "
        + "--allowed-host evil.example")
    #expect(Problem(.hostNotAllowed("a b")).detail.hasSuffix("--allowed-host NAME"))
    #expect(Problem(.bodyTooLarge(limit: 5)).status == 413)
    #expect(Problem(.stopping).status == 503)
    #expect(Problem(.malformed("no Host header")).status == 400)
  }
}
