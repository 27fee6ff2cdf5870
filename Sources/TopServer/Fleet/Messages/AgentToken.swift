import Linux

/// The shared secret of agents and hub: the content of a file.
struct AgentToken: Sendable, Equatable {
  let text: String

  /// The limit in bytes, so that it fits into a header line.
  private static let longest = 1024

  /// Reads the file, without whitespace at either end.
  ///
  /// - Parameter option: The option that named the file, for errors.
  /// - Throws: A ``Failure`` that says what is wrong with the file, without its content.
  static func read(_ path: String, option: String) throws(Failure) -> AgentToken {
    let bytes: [UInt8]
    do {
      bytes = try Files.read(path, atMost: 64 << 10).bytes
    } catch {
      throw Failure("cannot read the token of agents: \(error); choose its file with \(option)")
    }
    let text = bytes.trimmed
    guard !text.isEmpty else {
      throw Failure("\(path) is empty: \(option) needs a file with a token")
    }
    guard text.count <= longest, text.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw Failure(
        "\(path) does not contain a token: expected one word of at most \(longest) ASCII characters"
      )
    }
    return AgentToken(text: String(decoding: text, as: UTF8.self))
  }
}

extension [UInt8] {
  fileprivate var trimmed: [UInt8] {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    guard let first = firstIndex(where: { !isBlank($0) }),
      let last = lastIndex(where: { !isBlank($0) })
    else { return [] }
    return Array(self[first...last])
  }
}
