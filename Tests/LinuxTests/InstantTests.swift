import Testing

@testable import Linux

@Suite("Instant")
struct InstantTests {
  @Test("The clocks for intervals never go backwards")
  func order() {
    let moments = (0..<1_000).map { _ in Instant.now() }
    for (earlier, later) in zip(moments, moments.dropFirst()) {
      #expect(earlier.monotonic <= later.monotonic)
      #expect(earlier.sinceBoot <= later.sinceBoot)
    }
    #expect(moments[0].monotonic < moments[999].monotonic)
  }

  @Test("Time since boot is never behind the clock that stops during suspension")
  func suspension() {
    let moment = Instant.now()
    #expect(moment.sinceBoot + 1_000_000_000 >= moment.monotonic)
  }

  @Test("Single readings use the same clock as a whole moment")
  func singleReadings() {
    let before = Instant.now().monotonic
    let exact = Instant.monotonicNow()
    let coarse = Instant.monotonicCoarse()
    let after = Instant.now().monotonic
    #expect(before <= exact && exact <= after)
    // The coarse clock shows the kernel's last tick: up to 10 ms behind at 100 Hz, the slowest setting.
    #expect(exact - 20_000_000 <= coarse && coarse <= after)
  }

  @Test("The wall clock is in nanoseconds: between the years 2020 and 2200")
  func wall() {
    let second: Int64 = 1_000_000_000
    #expect((1_577_836_800 * second..<7_258_118_400 * second).contains(Instant.now().wall))
  }
}
