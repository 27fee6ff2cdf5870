/// One server-sent event in the bytes that travel: made once, shared by every reader.
///
/// See https://html.spec.whatwg.org/multipage/server-sent-events.html.
public struct EventChunk: Sendable, Equatable {
  /// What a reader that comes back names in `Last-Event-ID`.
  public let id: UInt64?
  let bytes: [UInt8]

  /// - Parameters:
  ///   - id: Must grow from event to event. One without it is replayed with the next that has one, so what belongs
  ///     together is published with the id at the last.
  ///   - event: The name that a page listens for; `message` when it is `nil`.
  ///   - data: Text in UTF-8, of one line or several.
  public init(id: UInt64? = nil, event: String? = nil, data: [UInt8]) {
    var bytes: [UInt8] = []
    // What a line break would begin is another field.
    if let event { bytes += Self.line("event", event.utf8.map { $0 < 0x20 ? 0x20 : $0 }) }
    if let id { bytes += Self.line("id", String(id).utf8) }
    for line in Self.lines(of: data) { bytes += Self.line("data", line) }
    self.init(id: id, bytes: bytes + [0x0A])
  }

  private init(id: UInt64?, bytes: [UInt8]) {
    self.id = id
    self.bytes = bytes
  }

  /// Tells a reader how long to wait before it comes back.
  static func retry(after pause: Duration) -> EventChunk {
    EventChunk(id: nil, bytes: Array("retry: \(Int64(pause / .milliseconds(1)))\n\n".utf8))
  }

  /// A line that every reader ignores, but that fails to be sent to one that is gone.
  static let comment = EventChunk(id: nil, bytes: Array(":\n\n".utf8))

  private static func line(_ name: String, _ value: some Collection<UInt8>) -> [UInt8] {
    var line = Array("\(name): ".utf8)
    line += value
    line.append(0x0A)
    return line
  }

  /// Readers end a line at CR, LF and CR LF alike.
  private static func lines(of data: [UInt8]) -> [ArraySlice<UInt8>] {
    guard data.contains(0x0D) else {
      return data.split(separator: 0x0A, omittingEmptySubsequences: false)
    }
    var unified: [UInt8] = []
    for (index, byte) in data.enumerated() {
      if byte == 0x0A && index > 0 && data[index - 1] == 0x0D { continue }
      unified.append(byte == 0x0D ? 0x0A : byte)
    }
    return unified.split(separator: 0x0A, omittingEmptySubsequences: false)
  }
}
