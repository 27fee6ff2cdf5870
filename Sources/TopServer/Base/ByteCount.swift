/// A number of bytes as people write it: `300MB`, `256MiB`, `1GiB`, or plain digits.
enum ByteCount {
  private static let units: [(suffix: String, bytes: Double)] = [
    ("KiB", 1024), ("MiB", 1024 * 1024), ("GiB", 1024 * 1024 * 1024), ("kB", 1e3), ("KB", 1e3),
    ("MB", 1e6), ("GB", 1e9), ("B", 1), ("", 1),
  ]

  /// - Returns: `nil` when the text is not a number of bytes, or at least 100 petabytes.
  static func parse(_ text: String) -> Int64? {
    let text = text.filter { $0 != " " }
    for (suffix, bytes) in units where text.hasSuffix(suffix) {
      let number = text.dropLast(suffix.count)
      guard number.utf8.allSatisfy({ $0 &- 0x30 <= 9 || $0 == UInt8(ascii: ".") }),
        let value = Double(number), value * bytes < 1e17
      else { return nil }
      return Int64(value * bytes)
    }
    return nil
  }
}
