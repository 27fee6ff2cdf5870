import Testing

@testable import Jansson

@Suite("JSON text")
struct JSONTextTests {
  @Test(
    "Every kind of value is encoded",
    arguments: [
      (.null, "null"),
      (.bool(true), "true"),
      (.bool(false), "false"),
      (.integer(0), "0"),
      (.integer(.max), "9223372036854775807"),
      (.integer(.min), "-9223372036854775808"),
      (.array([]), "[]"),
      (.object([]), "{}"),
      (.array([.null, .array([.bool(false)]), .object([])]), "[null,[false],{}]"),
    ] as [(JSONValue, String)])
  func kinds(value: JSONValue, expected: String) {
    #expect(text(value) == expected)
  }

  @Test("Members keep their order")
  func order() {
    let names = ["zulu", "alpha", "mike", "b", "a"]
    let object = JSONValue.object(names.map { .init($0, .null) })
    #expect(text(object) == #"{"zulu":null,"alpha":null,"mike":null,"b":null,"a":null}"#)
  }

  @Test("A thousand members keep their order")
  func orderOfMany() {
    let names = (0..<1_000).map { "member\(($0 * 7_919) % 1_000)" }
    let object = JSONValue.object(names.map { .init($0, .integer(1)) })
    #expect(text(object) == "{" + names.map { #""\#($0)":1"# }.joined(separator: ",") + "}")
  }

  // MARK: - Numbers

  @Test(
    "A real number has its shortest text",
    arguments: [
      (0.1, "0.1"), (0.1 + 0.2, "0.3"), (99.99, "99.99"), (1.0 / 3, "0.333333333333333"),
      (0, "0.0"), (100, "100.0"), (-2.5, "-2.5"), (1e300, "1e300"), (12_345_678.91, "12345678.91"),
    ] as [(Double, String)])
  func reals(value: Double, expected: String) {
    #expect(text(.real(value)) == expected)
  }

  @Test("Numbers with two decimals up to 6400 show no binary rounding errors")
  func twoDecimals() {
    let hundredths = 0...640_000
    let values = hundredths.map { JSONValue.real(Double($0) / 100) }
    let written = text(.array(values)).dropFirst().dropLast().split(separator: ",")
    #expect(written.count == hundredths.count)
    let wrong = zip(hundredths, written).filter { $1 != twoDecimalText($0) }
    #expect(wrong.isEmpty)
  }

  @Test(
    "A number that is not finite becomes null and keeps its name",
    arguments: [Double.nan, .infinity, -.infinity, .signalingNaN])
  func notFinite(value: Double) {
    #expect(text(.object([.init("cpu", .real(value))])) == #"{"cpu":null}"#)
  }

  // MARK: - Strings

  @Test(
    "A string is escaped only where JSON requires it",
    arguments: [
      ("", #""""#),
      ("plain", #""plain""#),
      ("a\u{0}b", #""a\u0000b""#),
      (#"say "hi" \ bye"#, #""say \"hi\" \\ bye""#),
      ("tab\tline\nreturn\r", #""tab\tline\nreturn\r""#),
      ("\u{1B}[31m", #""\u001B[31m""#),
      ("/usr/bin", #""/usr/bin""#),
      ("</script>", #""</script>""#),
      ("\u{7F}", "\"\u{7F}\""),
      ("Zürich 東京", #""Zürich 東京""#),
      ("👩‍💻🦊", #""👩‍💻🦊""#),
      ("line\u{2028}paragraph\u{2029}", "\"line\u{2028}paragraph\u{2029}\""),
      (String(decoding: [0x61, 0xFF, 0x62], as: UTF8.self), "\"a\u{FFFD}b\""),
    ])
  func strings(value: String, expected: String) {
    #expect(JSONValue.string(value).encoded() == Array(expected.utf8))
  }

  @Test("The name of a member is escaped like any string")
  func names() {
    #expect(text(.object([.init("a \"b\"\n", .integer(1))])) == #"{"a \"b\"\n":1}"#)
  }

  @Test("A string of a megabyte is encoded completely")
  func longString() {
    let long = String(repeating: "x", count: 1 << 20)
    #expect(JSONValue.string(long).encoded().count == long.utf8.count + 2)
  }

  // MARK: - Size and depth

  @Test("A thousand nested arrays are encoded")
  func deepNesting() {
    let value = (0..<1_000).reduce(JSONValue.null) { inner, _ in .array([inner]) }
    let brackets = 1_000
    let expected =
      String(repeating: "[", count: brackets) + "null" + String(repeating: "]", count: brackets)
    #expect(text(value) == expected)
  }

  @Test("Ten thousand rows are encoded in order")
  func manyRows() {
    let rows = (0..<10_000).map { JSONValue.array([.integer($0), .string("p\($0)"), .real(0.25)]) }
    let expected = (0..<10_000).map { #"[\#($0),"p\#($0)",0.25]"# }.joined(separator: ",")
    #expect(text(.array(rows)) == "[\(expected)]")
  }

  @Test("Many threads encode a value to the same text at the same time")
  func threads() async {
    let value = JSONValue.object([.init("rows", .array((0..<500).map { .integer($0) }))])
    let expected = value.encoded()
    let wrong = await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<16 { group.addTask { value.encoded() != expected } }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(wrong == 0)
  }

  // MARK: - Helpers

  private func text(_ value: JSONValue) -> String {
    String(decoding: value.encoded(), as: UTF8.self)
  }

  /// Hundredths as JSON, by integer arithmetic: 5 is 0.05, 150 is 1.5, 200 is 2.0.
  private func twoDecimalText(_ hundredths: Int) -> String {
    let (whole, rest) = hundredths.quotientAndRemainder(dividingBy: 100)
    if rest % 10 == 0 { return "\(whole).\(rest / 10)" }
    return rest < 10 ? "\(whole).0\(rest)" : "\(whole).\(rest)"
  }
}
