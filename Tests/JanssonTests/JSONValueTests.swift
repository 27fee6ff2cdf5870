import Testing

@testable import Jansson

@Suite("JSON value")
struct JSONValueTests {
  @Test("A present value gets its kind")
  func present() {
    #expect(JSONValue(Int64(7), JSONValue.integer) == .integer(7))
    #expect(JSONValue("seven", JSONValue.string) == .string("seven"))
  }

  @Test("An absent value is null")
  func absent() {
    #expect(JSONValue(Int64?.none, JSONValue.integer) == .null)
  }

  @Test("Objects with different member orders are not equal")
  func orderCounts() {
    let first = JSONValue.Member("a", .integer(1))
    let second = JSONValue.Member("b", .integer(2))
    #expect(JSONValue.object([first, second]) != .object([second, first]))
    #expect(JSONValue.object([first, second]) == .object([first, second]))
  }

  @Test("An integer and a real of the same value are not equal, since their texts differ")
  func kindsDiffer() {
    #expect(JSONValue.integer(1) != .real(1))
  }
}
