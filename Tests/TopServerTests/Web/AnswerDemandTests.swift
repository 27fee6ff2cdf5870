import Testing

@testable import TopServer

@Suite struct AnswerDemandTests {
  typealias Demand = AnswerDemand<String, String>
  private var demand = Demand()

  private mutating func add(_ times: [String: Int]) {
    demand.add(times.mapValues { Demand.Asked(times: $0, wantsGzip: false, spellings: []) })
  }

  @Test mutating func aQuestionToOneSourceIsNotPrepared() {
    add(["a": 100])
    #expect(demand.wishes.isEmpty)
    add(["a": 1, "b": 5])
    #expect(demand.wishes.map(\.question) == ["a"])
  }

  @Test mutating func wishesAreInDescendingOrderOfFrequency() {
    for _ in 0..<2 { add(["seldom": 1, "often": 9, "now and then": 4]) }
    #expect(demand.wishes.map(\.question) == ["often", "now and then", "seldom"])
  }

  @Test mutating func anUnrequestedQuestionIsForgotten() {
    for _ in 0..<4 { add(["a": 1]) }
    for _ in 0..<2 { add([:]) }
    #expect(demand.wishes.count == 1, "two of the last four")
    add([:])
    #expect(demand.wishes.isEmpty)
    add([:])
    #expect(demand.count == 0)
  }

  @Test mutating func aFloodOfQuestionsDoesNotDisplaceRepeatedOnes() {
    for second in 0..<200 {
      var asked = ["page": 1]
      for number in 0..<500 { asked["\(second)-\(number)"] = 16 }
      add(asked)
      #expect(demand.count <= Demand.capacity)
    }
    #expect(demand.wishes.map(\.question) == ["page"])
  }

  @Test mutating func encodingAndSpellingsAreKept() {
    for _ in 0..<2 {
      demand.add(["a": .init(times: 1, wantsGzip: true, spellings: ["x", "y"])])
    }
    #expect(demand.wishes.first?.wantsGzip == true)
    #expect(demand.wishes.first?.spellings == ["x", "y"])
  }
}
