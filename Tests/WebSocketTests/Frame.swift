/// An encoded frame; see RFC 6455 section 5.2.
struct Frame: Equatable {
  var opcode: UInt8
  var payload: [UInt8]
  var isFinal = true

  static func text(_ text: String) -> Frame { Frame(opcode: 1, payload: Array(text.utf8)) }
  static func ping(_ text: String = "") -> Frame { Frame(opcode: 9, payload: Array(text.utf8)) }
  static func pong(_ text: String = "") -> Frame { Frame(opcode: 10, payload: Array(text.utf8)) }

  /// A close with or without a code and a reason.
  static func close(_ code: UInt16? = nil, _ reason: String = "") -> Frame {
    let code = code.map { [UInt8($0 >> 8), UInt8($0 & 0xFF)] } ?? []
    return Frame(opcode: 8, payload: code + Array(reason.utf8))
  }

  /// The bytes of a client's frame.
  ///
  /// The mask changes every byte.
  var masked: [UInt8] { header(0x80) + Self.key + zip(payload, Self.mask).map { $0 ^ $1 } }

  /// The bytes of a server's frame.
  var plain: [UInt8] { header(0) + payload }

  private func header(_ maskBit: UInt8) -> [UInt8] {
    let first = (isFinal ? 0x80 : 0) | opcode
    let count = payload.count
    if count < 126 { return [first, maskBit | UInt8(count)] }
    if count < 1 << 16 {
      return [first, maskBit | 126, UInt8(count >> 8), UInt8(count & 0xFF)]
    }
    return [first, maskBit | 127]
      + (0..<8).map { UInt8(truncatingIfNeeded: count >> (56 - 8 * $0)) }
  }

  private static let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
  private static let mask = sequence(state: 0) { (index: inout Int) -> UInt8? in
    defer { index += 1 }
    return key[index % 4]
  }

  /// Removes and returns the first of a server's frames if it is complete.
  static func removeFirst(from bytes: inout [UInt8]) -> Frame? {
    guard bytes.count >= 2 else { return nil }
    var start = 2
    var count = Int(bytes[1])
    if count >= 126 {
      let width = count == 126 ? 2 : 8
      guard bytes.count >= 2 + width else { return nil }
      count = bytes[2..<2 + width].reduce(0) { $0 << 8 | Int($1) }
      start += width
    }
    guard bytes.count >= start + count else { return nil }
    let payload = Array(bytes[start..<start + count])
    let frame = Frame(opcode: bytes[0] & 0xF, payload: payload, isFinal: bytes[0] & 0x80 != 0)
    bytes.removeFirst(start + count)
    return frame
  }

  /// All frames of a server.
  static func all(in bytes: [UInt8]) -> [Frame] {
    var bytes = bytes
    var frames: [Frame] = []
    while let frame = removeFirst(from: &bytes) { frames.append(frame) }
    return frames
  }
}
