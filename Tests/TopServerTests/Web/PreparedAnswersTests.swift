import Linux
import MicroHTTPD
import Testing

@testable import TopServer

@Suite struct PreparedAnswersTests {
  private let answers = PreparedAnswers.test([
    .at(1000, [Process()]), .at(1001, [Process(user: 3)]),
  ])

  private func answer(
    _ answers: PreparedAnswers<AnswerEncoder>, _ target: String = "/cpu_usage", gzip: Bool = false
  ) throws -> Response {
    try answers.response(.cpuUsage, for: try RequestTarget(target), gzip: gzip)
  }

  /// The next source, after preparation.
  private func next(
    _ answers: PreparedAnswers<AnswerEncoder>, unless isOver: () -> Bool = { false }
  ) -> PreparedAnswers<AnswerEncoder> {
    let next = answers.successor(answers.snapshot)
    next.prepare(unless: isOver)
    return next
  }

  @Test func anAnswerIsMadeOnceAndShared() throws {
    #expect(try answer(answers) === answer(answers))
    #expect(try answer(answers, gzip: true) === answer(answers, gzip: true))
    #expect(try answer(answers, "/cpu_usage?limit=1") === answer(answers, "/cpu_usage?limit=1"))
    #expect(try answer(answers) !== answer(answers, "/cpu_usage?limit=1"))
  }

  @Test(arguments: [
    ("limit=1&sort=name", "sort=name&limit=1"), ("sort=name", "sort=n%61me"), ("", "sort=cpu"),
    ("name=x", "name=X"), ("fields=all", "fields=\(allFields)"),
  ])
  func spellingsShareOneAnswer(_ one: String, _ other: String) throws {
    #expect(try answer(answers, "/cpu_usage?" + one) === answer(answers, "/cpu_usage?" + other))
    #expect(answers.kept.answers == 1)
  }

  private static let allFields = CPUUsageColumn.all.map(\.name).joined(separator: ",")

  @Test func eachEncodingHasItsOwnTag() throws {
    let plain = try answer(answers)
    let zipped = try answer(answers, gzip: true)
    #expect(zipped.header("Content-Encoding") == "gzip")
    #expect(plain.header("Content-Encoding") == nil)
    #expect(zipped.header("ETag") != plain.header("ETag"))
    #expect(Array(zipped.body.bytes.prefix(2)) == [0x1F, 0x8B])
  }

  @Test func onlyRepeatedQuestionsArePrepared() throws {
    _ = try answer(answers, "/cpu_usage?limit=1")
    _ = try answer(answers, "/cpu_usage?limit=2")
    let second = next(answers)
    #expect(second.preparedQueries == [])
    _ = try answer(second, "/cpu_usage?limit=1")
    var later = next(second)
    #expect(later.preparedQueries == ["limit=1"])
    let key = PreparedAnswers<AnswerEncoder>.Spelling(document: .cpuUsage, rawQuery: "limit=1")
    #expect(later.find(key, gzip: false) != nil)
    // Preparation does not count as a request, so unrequested questions expire.
    for _ in 0..<4 { later = later.successor(answers.snapshot) }
    later.prepare { false }
    #expect(later.preparedQueries == [])
  }

  @Test func noAnswerIsMadeBeforeASourceIsPublished() throws {
    _ = try answer(answers)
    let second = answers.successor(answers.snapshot)
    _ = try answer(second)
    #expect(second.successor(answers.snapshot).preparedQueries == [])
  }

  @Test func theTimeBudgetEndsThePreparation() throws {
    var current = answers
    for _ in 0..<2 {
      for limit in 1...5 {
        for _ in 0..<limit { _ = try answer(current, "/cpu_usage?limit=\(limit)") }
      }
      current = current.successor(answers.snapshot)
    }
    var left = 2
    current.prepare {
      left -= 1
      return left < 0
    }
    #expect(current.preparedQueries == ["limit=4", "limit=5"])
  }

  @Test func bothEncodingsArePreparedIfBothWereRequested() throws {
    _ = try answer(answers, gzip: true)
    let second = answers.successor(answers.snapshot)
    _ = try answer(second, gzip: true)
    let third = next(second)
    let key = PreparedAnswers<AnswerEncoder>.Spelling(document: .cpuUsage, rawQuery: "")
    #expect(third.find(key, gzip: true)?.header("Content-Encoding") == "gzip")
  }

  @Test func keptAnswersAreBounded() throws {
    for limit in 1...500 { _ = try answer(answers, "/cpu_usage?limit=\(limit)") }
    #expect(answers.kept.answers == 32)
    #expect(try answer(answers, "/cpu_usage?limit=499").status == 200)
    var current = answers
    for _ in 0..<3 {
      current = next(current)
      for limit in 1...500 { _ = try answer(current, "/cpu_usage?limit=\(limit)") }
    }
    #expect(current.kept.answers == 64)
  }

  @Test func keptBytesAreBounded() throws {
    var limits = PreparedAnswers<AnswerEncoder>.Limits()
    limits.bytes = 4000
    let answers = PreparedAnswers(self.answers.snapshot, .test, limits: limits)
    for limit in 1...100 {
      _ = try answer(answers, "/cpu_usage?limit=\(limit)", gzip: limit % 2 == 0)
      #expect(answers.kept.bytes <= 2000)
    }
    #expect(answers.kept.answers > 3)
  }

  @Test func aVeryLongQueryIsAnsweredButNotRemembered() throws {
    let name = String(repeating: "x", count: 2000)
    #expect(try answer(answers, "/cpu_usage?name=\(name)").status == 200)
    #expect(answers.kept.answers == 0)
  }

  @Test func aFloodLeavesRoomForPreparedAnswers() throws {
    var current = answers
    for _ in 0..<3 {
      _ = try answer(current, "/cpu_usage?fields=pid")
      current = current.successor(answers.snapshot)
    }
    for limit in 1...500 { _ = try answer(current, "/cpu_usage?limit=\(limit)") }
    current.prepare { false }
    let key = PreparedAnswers<AnswerEncoder>.Spelling(document: .cpuUsage, rawQuery: "fields=pid")
    #expect(current.find(key, gzip: false) != nil)
  }

  @Test func anInvalidQueryFailsEachTime() {
    for _ in 0..<2 { #expect(throws: Problem.self) { try answer(answers, "/cpu_usage?limit=x") } }
    #expect(answers.kept.answers == 0)
  }

  @Test func anAnswerWithNumbersIsMadeAgainOnceTheNamesAreKnown() throws {
    let pending = HeldWork()
    var encoder = AnswerEncoder.test
    encoder.userNames = UserNames(lookUp: { .name("user\($0)") }, run: { pending.add($0) })
    let answers = PreparedAnswers(self.answers.snapshot, encoder)
    let first = try answer(answers, "/cpu_usage?fields=user")
    #expect(first.text.contains("\"0\""))
    #expect(try answer(answers, "/cpu_usage?fields=user") === first)
    pending.run()
    let second = try answer(answers, "/cpu_usage?fields=user")
    #expect(second.text.contains("\"user0\""))
    #expect(second.header("ETag") != first.header("ETag"))
    #expect(try answer(answers, "/cpu_usage?fields=user") === second)
  }
}
