/// A server-sent event in its encoded form, shared by all readers.
///
/// See https://html.spec.whatwg.org/multipage/server-sent-events.html.
public struct EventChunk: Sendable, Equatable {
  /// The id that a reconnecting reader sends as `Last-Event-ID`.
  public let id: UInt64?
  let bytes: [UInt8]

  /// - Parameters:
  ///   - id: Must increase from event to event. An event without an id is replayed together with the next one that has
  ///     an id, so publish a group with the id on its last event.
  ///   - event: The event name for listeners; `nil` means `message`.
  ///   - data: UTF-8 text of one or more lines.
  public init(id: UInt64? = nil, event: String? = nil, data: [UInt8]) {
    var bytes: [UInt8] = []
    // A line break in the name would start another field.
    if let event { bytes += Self.line("event", event.utf8.map { $0 < 0x20 ? 0x20 : $0 }) }
    if let id { bytes += Self.line("id", String(id).utf8) }
    for line in Self.lines(of: data) { bytes += Self.line("data", line) }
    self.init(id: id, bytes: bytes + [0x0A])
  }

  private init(id: UInt64?, bytes: [UInt8]) {
    self.id = id
    self.bytes = bytes
  }

  /// Sets the time that a client waits before it reconnects.
  static func retry(after pause: Duration) -> EventChunk {
    EventChunk(id: nil, bytes: Array("retry: \(Int64(pause / .milliseconds(1)))\n\n".utf8))
  }

  /// A line that clients ignore.
  ///
  /// Sending it reveals broken connections.
  static let comment = EventChunk(id: nil, bytes: Array(":\n\n".utf8))

  private static func line(_ name: String, _ value: some Collection<UInt8>) -> [UInt8] {
    var line = Array("\(name): ".utf8)
    line += value
    line.append(0x0A)
    return line
  }

  /// Splits at CR, LF and CR LF, as clients do.
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
