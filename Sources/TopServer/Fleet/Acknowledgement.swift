import Jansson

/// What a hub answers to each message of an agent.
struct Acknowledgement: Sendable, Equatable {
  /// The sequence number of the message.
  var sequence: UInt64
  /// Every sample of the run up to this one is safe, in the hub's file or wherever it is to stay; 0 when none is.
  var stored: UInt64

  /// The answer to a plain text.
  static let plain = Array("ok".utf8)

  func encoded() -> [UInt8] {
    JSONValue.object([
      .init("v", .integer(AgentMessage.version)),
      .init("ack", .integer(Int64(clamping: sequence))),
      .init("stored", .integer(Int64(clamping: stored))),
    ]).encoded()
  }

  init(sequence: UInt64, stored: UInt64) {
    self.sequence = sequence
    self.stored = stored
  }

  /// Reads what a hub sent; without `stored` nothing is safe yet.
  ///
  /// - Throws: a ``FleetRefusal`` that names the member and what it must be.
  init(parsing bytes: [UInt8]) throws(FleetRefusal) {
    guard let json = try? JSONValue(parsing: bytes), case .object(let members) = json else {
      throw FleetRefusal(cause: .badMessage, reason: "an acknowledgement must be a JSON object")
    }
    let fields = MessageFields(members)
    guard try fields.whole("v", in: 0...Int64.max, "a whole number") == AgentMessage.version else {
      throw FleetRefusal(
        cause: .unknownVersion, reason: "\"v\" must be \(AgentMessage.version)")
    }
    let number = "a whole number from 0"
    let range = 0...Int64(1) << 53
    sequence = UInt64(
      try fields.required("ack", try fields.whole("ack", in: range, number), number))
    stored = UInt64(try fields.whole("stored", in: range, number) ?? 0)
  }
}
