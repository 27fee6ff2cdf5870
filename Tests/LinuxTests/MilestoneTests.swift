import Linux
import Testing

@Suite struct MilestoneTests {
  @Test func aReachedNumberNeedsNoWait() {
    let milestone = Milestone()
    milestone.raise(to: 7)
    milestone.raise(to: 3)
    #expect(milestone.reached == 7)
    #expect(milestone.wait(for: 7, atMost: .zero))
  }

  @Test func theWaitEndsWhenTheTimeIsOver() {
    let milestone = Milestone()
    #expect(!milestone.wait(for: 1, atMost: .milliseconds(1)))
    // A wait that ended leaves nothing behind that could end the next one too early.
    milestone.raise(to: 1)
    #expect(!milestone.wait(for: 2, atMost: .milliseconds(1)))
  }

  @Test func anotherThreadEndsTheWait() {
    let milestone = Milestone()
    let thread = SerialQueueExecutor(label: "test")
    for number in UInt64(1)...200 {
      thread.run { milestone.raise(to: number) }
      #expect(milestone.wait(for: number, atMost: .seconds(60)))
    }
  }
}
