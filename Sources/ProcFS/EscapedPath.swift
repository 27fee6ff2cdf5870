/// Decodes the kernel's octal escapes in paths: a space is `\040`.
///
/// See proc_pid_mountinfo(5) and getmntent(3).
enum EscapedPath {
  /// The decoded bytes.
  ///
  /// A backslash without three octal digits after it stays as it is.
  static func decode(_ bytes: Span<UInt8>, _ range: Range<Int>) -> [UInt8] {
    var path: [UInt8] = []
    path.reserveCapacity(range.count)
    var position = range.lowerBound
    while position < range.upperBound {
      if let byte = escape(bytes, position..<range.upperBound) {
        path.append(byte)
        position += 4
      } else {
        path.append(bytes[position])
        position += 1
      }
    }
    return path
  }

  private static func escape(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt8? {
    guard range.count >= 4, bytes[range.lowerBound] == UInt8(ascii: "\\") else { return nil }
    var value = 0
    for position in range.dropFirst().prefix(3) {
      let digit = bytes[position] &- 0x30
      guard digit <= 7 else { return nil }
      value = value << 3 | Int(digit)
    }
    return UInt8(exactly: value)
  }
}
