import Linux
import ProcFS
import TestSupport
import Testing

@Suite struct DiskStatsTests {
  private func parse(_ text: String) throws -> [DiskStats.Device] {
    try DiskStats(parsing: Array(text.utf8).span, file: "diskstats").devices
  }

  @Test func parsesEveryFormatSinceLinux2dot6() throws {
    // With 11 counters, with discards (4.18), and with flushes (5.5).
    let devices = try parse(
      """
         8       0 sda 25354637 34367663 1003346126 18492372 28444756 11134226 505697032 63877960 0 9653880 82621804
       259       0 nvme0n1 47114 4 4643973 21650 1078320 43950 39451633 1011053 0 222766 1032546 0 0 0 0
       254       0 vda 1933899 213632 115509714 2013373 584031 1335884 62717056 365589 0 242004 2461805 1147617 41 51947928 75218 101946 7624

      """)
    #expect(devices.map(\.name) == ["sda", "nvme0n1", "vda"])
    let vda = try #require(devices.last)
    #expect(vda.reads == 1_933_899 && vda.readBytes == 115_509_714 * 512)
    #expect(vda.writes == 584_031 && vda.writtenBytes == 62_717_056 * 512)
    #expect(vda.busyMilliseconds == 242_004)
  }

  @Test func skipsPartitionsOfVeryOldKernels() throws {
    #expect(
      try parse("8 0 sda 1 0 2 0 3 0 4 0 0 5 6\n8 1 sda1 10 20 30 40\n").map(\.name) == ["sda"])
  }

  @Test func anInvalidLineHidesNoOther() throws {
    let good = "8 0 sda 1 0 2 0 3 0 4 0 0 5 6"
    let bad = [
      "", "8", "8 16", "8 16 sdb", "8 16 sdb x 0 2 0 3 0 4 0 0 5 6",
      "8 16 sdb 1 0 99999999999999999999 0 3 0 4 0 0 5 6", "8 16 sdb 1 0 2 0 3 0 4 0 0",
      "8 16 sdb 18446744073709551616 0 2 0 3 0 4 0 0 5 6",
    ]
    for line in bad {
      #expect(try parse("\(line)\n\(good)\n\(line)\n").map(\.name) == ["sda"], "\(line)")
    }
  }

  @Test func hugeCountersDoNotTrap() throws {
    let (most, sectors) = (UInt64.max, UInt64.max / 512)
    let disk = try #require(
      try parse("8 0 sda \(most) 0 \(sectors) 0 \(most) 0 \(sectors) 0 0 \(most) 6\n").first)
    #expect(disk.reads == most && disk.busyMilliseconds == most)
    #expect(disk.readBytes == sectors * 512)
    // More bytes than 64 bits can count.
    let larger = try parse("8 0 sda 1 0 \(sectors + 1) 0 1 0 1 0 0 1 6\n").first
    #expect(larger?.readBytes == .max)
  }

  @Test func namesAreRepaired() throws {
    let bytes = Array("8 0 s".utf8) + [0xFF] + Array("a 1 0 2 0 3 0 4 0 0 5 6\n".utf8)
    #expect(
      try DiskStats(parsing: bytes.span, file: "diskstats").devices.map(\.name) == ["s\u{FFFD}a"])
  }

  @Test func anEmptyFileIsNotAnError() throws {
    #expect(try parse("") == [])
    #expect(throws: ProcError.malformed(file: "diskstats", field: "device")) { try parse("x\n") }
  }
}
