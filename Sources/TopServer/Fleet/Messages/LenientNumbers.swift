/// Repairs almost valid JSON: some encoders write `NaN`, `Infinity`, or integers that no parser can hold.
///
/// JSON has no such numbers (RFC 8259 section 6), so a parser rejects the whole message, and its sender would send it
/// again and again.
enum LenientNumbers {
  /// The text with `null` for non-numbers, and with overlong integers as floating-point numbers.
  static func mended(_ bytes: [UInt8]) -> [UInt8] {
    var mended: [UInt8] = []
    mended.reserveCapacity(bytes.count)
    var place = bytes.startIndex
    while place < bytes.endIndex {
      if bytes[place] == UInt8(ascii: "\"") {
        let end = endOfString(bytes, from: place)
        mended += bytes[place..<end]
        place = end
      } else if isPartOfWord(bytes[place]) {
        let end = bytes[place...].firstIndex { !isPartOfWord($0) } ?? bytes.endIndex
        mended += word(bytes[place..<end])
        place = end
      } else {
        mended.append(bytes[place])
        place += 1
      }
    }
    return mended
  }

  private static func endOfString(_ bytes: [UInt8], from start: Int) -> Int {
    var place = start + 1
    while place < bytes.endIndex {
      if bytes[place] == UInt8(ascii: "\"") { return place + 1 }
      place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
    }
    return bytes.endIndex
  }

  private static func isPartOfWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "."):
      true
    default: false
    }
  }

  private static func word(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    // No number needs this many digits; leave longer words to the parser.
    guard bytes.count <= 400 else { return Array(bytes) }
    let text = String(decoding: bytes, as: UTF8.self)
    if ["NaN", "Infinity", "-Infinity"].contains(text) { return Array("null".utf8) }
    guard let first = bytes.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first),
      let number = Double(text)
    else { return Array(bytes) }
    if !number.isFinite { return Array("null".utf8) }
    let isWhole = bytes.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
    return isWhole && bytes.count > 18 ? Array("\(text)e0".utf8) : Array(bytes)
  }
}
