import Testing

@testable import Linux

@Suite("Instant")
struct InstantTests {
  @Test("Later moments are not earlier, on either clock that intervals are taken from")
  func order() {
    let moments = (0..<1_000).map { _ in Instant.now() }
    for (earlier, later) in zip(moments, moments.dropFirst()) {
      #expect(earlier.monotonic <= later.monotonic)
      #expect(earlier.sinceBoot <= later.sinceBoot)
    }
    #expect(moments[0].monotonic < moments[999].monotonic)
  }

  @Test("Time since boot is never behind the clock that stands still in suspension")
  func suspension() {
    let moment = Instant.now()
    #expect(moment.sinceBoot + 1_000_000_000 >= moment.monotonic)
  }

  @Test("The single readings are of the same clock as the whole moment")
  func singleReadings() {
    let before = Instant.now().monotonic
    let exact = Instant.monotonicNow()
    let coarse = Instant.monotonicCoarse()
    let after = Instant.now().monotonic
    #expect(before <= exact && exact <= after)
    // The coarse clock stands at the last tick of the kernel: 10 ms behind at the slowest setting, 100 Hz.
    #expect(exact - 20_000_000 <= coarse && coarse <= after)
  }

  @Test("The wall clock is in nanoseconds: past the year 2020 and before 2200")
  func wall() {
    let second: Int64 = 1_000_000_000
    #expect((1_577_836_800 * second..<7_258_118_400 * second).contains(Instant.now().wall))
  }
}
