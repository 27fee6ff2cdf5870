import Testing

@testable import Jansson

@Suite("JSON value")
struct JSONValueTests {
  @Test("A value that is there is made into its own kind")
  func present() {
    #expect(JSONValue(Int64(7), JSONValue.integer) == .integer(7))
    #expect(JSONValue("seven", JSONValue.string) == .string("seven"))
  }

  @Test("A value that is absent is null")
  func absent() {
    #expect(JSONValue(Int64?.none, JSONValue.integer) == .null)
  }

  @Test("Two objects whose members stand in another order are not equal")
  func orderCounts() {
    let first = JSONValue.Member("a", .integer(1))
    let second = JSONValue.Member("b", .integer(2))
    #expect(JSONValue.object([first, second]) != .object([second, first]))
    #expect(JSONValue.object([first, second]) == .object([first, second]))
  }

  @Test("An integer and a real number of the same size are not equal: their texts differ")
  func kindsDiffer() {
    #expect(JSONValue.integer(1) != .real(1))
  }
}
