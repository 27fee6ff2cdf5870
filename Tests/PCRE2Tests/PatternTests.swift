import Testing

@testable import PCRE2

@Suite struct PatternTests {
  private func finds(_ pattern: String, _ text: String) throws -> Bool {
    try PatternSearch(steps: 100_000).finds(Pattern(pattern), in: text)
  }

  @Test(arguments: [
    ("^app-", "app-firefox.scope", true), ("^app-", "snap-app-", false),
    ("post.*sql", "postgresql", true),
    ("\\d+$", "kworker/7", true), ("(?i)SSH", "openssh", true), ("SSH", "openssh", false),
    ("", "", true),
    ("^$", "", true), ("a", "", false), ("é.ü", "café 🙂ü é🙂ü", true), ("(a)\\1", "baab", true),
    ("(?C1)a(?C'x')b\\Qc\\E", "abc", true),
  ])
  func whatMatches(pattern: String, text: String, expected: Bool) throws {
    #expect(try finds(pattern, text) == expected)
  }

  @Test func aMistakeHasAPlaceInCharacters() {
    #expect(throws: PatternError(message: "missing closing parenthesis", place: 4)) {
      try Pattern("é(üa")
    }
    #expect(throws: PatternError.self) { try Pattern("*") }
    #expect(throws: PatternError.self) { try Pattern("\\C") }
    #expect(throws: PatternError.self) { try Pattern(String(repeating: "a", count: 2049)) }
    #expect(throws: PatternError.self) { try Pattern("((((a{1,250}){1,250}){1,250}){1,250})") }
    let nested = String(repeating: "(", count: 51) + String(repeating: ")", count: 51)
    #expect(throws: PatternError.self) { try Pattern(nested) }
  }

  /// Without a limit, most of these take longer than a client waits.
  @Test(arguments: [
    "(a+)+$", "(.*a){20}$", "(a|aa)+$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(\\w+\\s?)*$",
    "\\p{L}+\\d$",
    "(?=(\\p{L}{100,}))*(?:a(?=\\p{L}{2000,})|a)*\\d", "(?:(?=\\p{L}{900,})a)*\\d",
  ])
  func aCatastrophicPatternEnds(pattern: String) throws {
    let text = String(repeating: "a", count: 4095) + "!"
    let search = PatternSearch(steps: 100_000)
    let compiled = try Pattern(pattern)
    #expect(throws: PatternSearch.Failure.self) { try search.finds(compiled, in: text) }
  }

  @Test func deepRecursionEnds() throws {
    let search = PatternSearch(steps: .max)
    let compiled = try Pattern("(a(?1)?b)+c|(?:a|b)*+x")
    let text = String(repeating: "a", count: 100_000)
    #expect(throws: PatternSearch.Failure.tooDeep) { try search.finds(compiled, in: text) }
  }

  @Test func allSearchesShareTheirSteps() throws {
    let search = PatternSearch(steps: 1000)
    let pattern = try Pattern("^a.c$")
    let before = search.steps
    #expect(try search.finds(pattern, in: "abc"))
    let cost = before - search.steps
    #expect(cost > 0)
    #expect(throws: PatternSearch.Failure.tooManySteps) {
      for _ in 0...(before / cost) { _ = try search.finds(pattern, in: "abc") }
    }
    #expect(search.steps < cost)
  }
}
