import Testing

@testable import Jansson

@Suite("JSON parsing")
struct JSONParsingTests {
  private func parse(_ text: String) throws(JSONError) -> JSONValue {
    try JSONValue(parsing: Array(text.utf8))
  }

  @Test("Encoded values are parsed back unchanged")
  func roundTrip() throws {
    let value = JSONValue.object([
      .init("zulu", .array([.null, .bool(true), .bool(false), .integer(.min), .integer(.max)])),
      .init("alpha", .object([.init("a \"b\"\n", .string("a\0b é 👩‍💻"))])),
      .init("real", .real(0.25)), .init("empty", .array([])), .init("none", .object([])),
    ])
    #expect(try JSONValue(parsing: value.encoded()) == value)
  }

  @Test("Every kind of value can be the root")
  func alone() throws {
    #expect(try parse(" 1 ") == .integer(1))
    #expect(try parse("\"x\"") == .string("x"))
    #expect(try parse("null") == .null)
    #expect(try parse("-1.5e3") == .real(-1500))
  }

  @Test(
    "Invalid JSON is rejected with line and reason",
    arguments: [
      ("", 1), ("{", 1), ("[1,]", 1), ("{\"a\":1,\n\"a\":2}", 2), ("[1]\n\nx", 3), ("'a'", 1),
      ("[\n\n01]", 3), ("\"\\ud800\"", 1), ("99999999999999999999", 1), ("1e999", 1),
      ("[\"a\nb\"]", 1), ("nul", 1), ("{1:2}", 1), ("NaN", 1),
    ])
  func refused(text: String, line: Int) throws {
    let error = try #require(throws: JSONError.self) { try parse(text) }
    #expect(error.line == line, "\(error)")
    #expect(!error.reason.isEmpty)
  }

  @Test("The error has the reason and the position")
  func words() {
    #expect(throws: JSONError(line: 2, column: 3, reason: "invalid token near 'x'")) {
      try parse("[1\n, x")
    }
  }

  @Test("Invalid UTF-8 is rejected")
  func notUTF8() {
    #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0xFF, 0x22]) }
  }

  @Test("A text nested too deeply is rejected")
  func deep() {
    #expect(throws: JSONError.self) { try parse(String(repeating: "[", count: 100_000)) }
  }

  @Test("Values are accessible by name and kind")
  func access() throws {
    let value = try parse(#"{"n":1,"r":1.5,"s":"x","a":[1]}"#)
    #expect(value["n"]?.integer == 1 && value["n"]?.number == 1)
    #expect(value["r"]?.number == 1.5 && value["r"]?.integer == nil)
    #expect(value["s"]?.string == "x" && value["s"]?.number == nil)
    #expect(value["a"]?.elements == [.integer(1)] && value["a"]?.string == nil)
    #expect(value["z"] == nil && JSONValue.null["n"] == nil && JSONValue.null.elements == nil)
  }
}
