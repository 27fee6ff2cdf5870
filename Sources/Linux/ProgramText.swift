import Glibc

/// The resident machine code of the program and its libraries.
public enum ProgramText {
  /// Drops the code pages from memory.
  ///
  /// The page cache supplies those that are needed again; those that only the start needed stay out.
  ///
  /// Executable mappings are backed by files that are not written to, so no data is lost. See madvise(2),
  /// `MADV_DONTNEED`, and proc_pid_maps(5).
  public static func forget() {
    guard let maps = try? Files.read("/proc/self/maps").bytes else { return }
    for line in maps.split(separator: UInt8(ascii: "\n")) {
      // 55d0c0e00000-55d0c1600000 r-xp 00116000 fe:00 4242      /usr/bin/topserver
      let words = line.split(separator: 0x20, maxSplits: 5).map {
        String(decoding: $0, as: UTF8.self)
      }
      guard words.count == 6, words[1] == "r-xp", words[5].contains("/") else { continue }
      let ends = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
      guard ends.count == 2, let start = unsafe UnsafeMutableRawPointer(bitPattern: ends[0]) else {
        continue
      }
      _ = unsafe madvise(start, Int(ends[1] - ends[0]), MADV_DONTNEED)
    }
  }
}
