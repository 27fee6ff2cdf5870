/// Makes bounded, printable text of bytes that a process or its cgroup chose.
enum IdentityText {
  /// Replaces what is not valid UTF-8, and characters that could break a line or move a cursor, with U+FFFD.
  ///
  /// - Parameter most: The largest result in bytes of UTF-8, at least 3. A longer text is cut and ends with `…`.
  static func visible(_ bytes: some Collection<UInt8>, atMost most: Int) -> String {
    // Nearly every name is short and plain.
    if bytes.count <= most, bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) {
      return String(decoding: bytes, as: UTF8.self)
    }
    // What is replaced can become longer, never shorter than a third.
    let isLong = bytes.count > 3 * most
    return cut(
      LogText.visible(String(decoding: bytes.prefix(3 * most), as: UTF8.self)), atMost: most,
      isCut: isLong)
  }

  /// Cuts a text at a character, so that it has at most this many bytes of UTF-8, at least 3.
  ///
  /// - Parameter isCut: Whether the text lacks its end already, and must show so.
  static func cut(_ text: String, atMost most: Int, isCut: Bool = false) -> String {
    guard text.utf8.count > most || isCut else { return text }
    var result = String.UnicodeScalarView()
    var count = 0
    for scalar in text.unicodeScalars {
      count += UTF8.width(scalar)
      guard count <= most - 3 else { break }
      result.append(scalar)
    }
    return String(result) + "…"
  }

  /// The last component of a path, without slashes at the end.
  static func lastComponent(_ path: Substring) -> String {
    let slash = UInt8(ascii: "/")
    guard let end = path.utf8.lastIndex(where: { $0 != slash }) else { return "" }
    let whole = path[...end]
    let start = whole.utf8.lastIndex(of: slash).map { whole.utf8.index(after: $0) }
    return String(whole[(start ?? whole.startIndex)...])
  }

  static func lastComponent(_ path: String) -> String { lastComponent(path[...]) }
}
