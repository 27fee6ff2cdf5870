/// Parses texts that end in a percentage, such as "CPU usages from client1: 12.3", which any client can send.
enum PlainText {
  /// - Parameters:
  ///   - peer: The address of the client, which becomes the host's name when the text has none.
  ///   - time: The present time in nanoseconds since the epoch.
  /// - Throws: A ``FleetRefusal`` that says what is accepted.
  static func sample(
    _ bytes: [UInt8], peer: String, time: Int64
  ) throws(FleetRefusal) -> HostSample {
    // A text with name and percentage is never longer.
    guard bytes.count <= 1024 else { throw refusal }
    var words = String(decoding: bytes, as: UTF8.self)
      .split { $0 == " " || $0 == "\t" || $0.isNewline }
    if words.last == "%" { words.removeLast() }
    guard let last = words.popLast(), let percent = percentage(last) else { throw refusal }
    var sample = HostSample(host: name(words) ?? peer, time: time)
    try HostName.check(sample.host)
    sample.busy = percent / 100
    return sample
  }

  private static let refusal = FleetRefusal(
    cause: .badMessage,
    reason: "neither JSON nor a text of at most 1024 bytes that ends in a percentage from 0 to 100")

  /// Digits with a decimal point, optionally followed by a percent sign, without the other forms that `Double` accepts.
  private static func percentage(_ word: Substring) -> Double? {
    let digits = word.hasSuffix("%") ? word.dropLast() : word
    guard digits.utf8.allSatisfy({ $0 &- 0x30 <= 9 || $0 == UInt8(ascii: ".") }),
      let value = Double(digits), value <= 100
    else { return nil }
    return value
  }

  /// The word between "from" and a colon.
  private static func name(_ words: [Substring]) -> String? {
    guard let place = words.firstIndex(where: { $0.lowercased() == "from" }),
      let word = words.dropFirst(place + 1).first, word.hasSuffix(":")
    else { return nil }
    return String(word.dropLast())
  }
}
