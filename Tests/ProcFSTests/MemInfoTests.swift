import ProcFS
import Testing

@Suite struct MemInfoTests {
  private func parse(_ text: String) throws -> MemInfo {
    try MemInfo(parsing: Array(text.utf8).span, file: "meminfo")
  }

  @Test func parsesLinux6() throws {
    let info = try parse(
      """
      MemTotal:       24684092 kB
      MemFree:        23739868 kB
      MemAvailable:   24065652 kB
      Buffers:          246148 kB
      Cached:            90184 kB
      SwapCached:            0 kB
      Active:           286184 kB
      Inactive:         128500 kB
      Active(anon):       1644 kB
      Inactive(anon):    85652 kB
      SwapTotal:       2097148 kB
      SwapFree:        1048576 kB
      Shmem:              8940 kB
      KReclaimable:     349280 kB
      SReclaimable:     349280 kB
      SUnreclaim:        42752 kB
      HugePages_Total:       0
      Hugepagesize:       2048 kB
      DirectMap1G:    24117248 kB

      """)
    #expect(info.total == 24_684_092 << 10)
    #expect(info.free == 23_739_868 << 10)
    #expect(info.available == 24_065_652 << 10)
    #expect(info.buffers == 246_148 << 10)
    #expect(info.cached == 90_184 << 10)
    #expect(info.active == 286_184 << 10)
    #expect(info.inactive == 128_500 << 10)
    #expect(info.swapTotal == 2_097_148 << 10)
    #expect(info.swapFree == 1 << 30)
    #expect(info.shmem == 8_940 << 10)
    #expect(info.sReclaimable == 349_280 << 10)
  }

  @Test func estimatesAvailableMemoryOnLinux2dot6() throws {
    let info = try parse(
      "MemTotal: 1020128 kB\nMemFree: 143764 kB\nBuffers: 152360 kB\nCached: 480552 kB\n")
    #expect(info.available == (143_764 + 152_360 + 480_552) << 10)
    #expect(info.swapTotal == 0)
  }

  @Test(arguments: [
    "", "MemTotal", "MemTotal:", "MemTotal: \n", "MemTotal: many kB\n", "MemTotal: -5 kB\n",
    "MemTotal: 99999999999999999999999 kB\n", "MemTotal: 18446744073709551615 kB\n",
    "memtotal: 5 kB\n", "\0\0\0",
  ])
  func throwsWithoutATotal(_ text: String) {
    #expect(throws: ProcError.malformed(file: "meminfo", field: "MemTotal")) { try parse(text) }
  }

  @Test func anInvalidLineCountsAsZero() throws {
    let info = try parse(
      "\nMemFree: x kB\nMemTotal: 8 kB\nBuffers:\nCached: 99999999999999999 kB\nActive")
    #expect(info.total == 8192)
    #expect(info.free == 0 && info.buffers == 0 && info.cached == 0 && info.available == 0)
  }
}
