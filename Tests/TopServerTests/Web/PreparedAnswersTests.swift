import MicroHTTPD
import Testing

@testable import TopServer

@Suite struct PreparedAnswersTests {
  private let answers = PreparedAnswers.test([
    .at(1000, [Process()]), .at(1001, [Process(user: 3)]),
  ])

  private func take(
    _ answers: PreparedAnswers<AnswerEncoder>, _ target: String = "/cpu_usage", gzip: Bool = false
  )
    throws
    -> Response
  {
    try answers.response(.cpuUsage, for: try RequestTarget(target), gzip: gzip)
  }

  @Test func anAnswerIsMadeOnceAndShared() throws {
    #expect(try take(answers) === take(answers))
    #expect(try take(answers, gzip: true) === take(answers, gzip: true))
    #expect(try take(answers, "/cpu_usage?limit=1") === take(answers, "/cpu_usage?limit=1"))
    #expect(try take(answers) !== take(answers, "/cpu_usage?limit=1"))
  }

  @Test func theTwoEncodingsHaveTagsOfTheirOwn() throws {
    let plain = try take(answers)
    let zipped = try take(answers, gzip: true)
    #expect(zipped.header("Content-Encoding") == "gzip")
    #expect(plain.header("Content-Encoding") == nil)
    #expect(zipped.header("ETag") != plain.header("ETag"))
    #expect(Array(zipped.body.bytes.prefix(2)) == [0x1F, 0x8B])
  }

  @Test func theNextSnapshotHasReadyWhatWasAskedOfThisOne() throws {
    _ = try take(answers, "/cpu_usage?limit=1")
    let next = answers.successor(answers.snapshot)
    #expect(next.preparedQueries == ["limit=1"])
    // Nobody asked this time: the one after need not make it.
    #expect(next.successor(answers.snapshot).preparedQueries == [])
  }

  @Test func manyDifferentQueriesDoNotFillTheMemory() throws {
    for limit in 1...500 { _ = try take(answers, "/cpu_usage?limit=\(limit)") }
    #expect(answers.preparedQueries.count == 64)
    #expect(try take(answers, "/cpu_usage?limit=499").status == 200)
  }

  @Test func aBadQueryIsAProblemEachTime() {
    for _ in 0..<2 { #expect(throws: Problem.self) { try take(answers, "/cpu_usage?limit=x") } }
  }
}
