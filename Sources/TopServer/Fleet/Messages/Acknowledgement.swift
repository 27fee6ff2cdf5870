import Jansson

/// The answer of a hub to a message of an agent.
struct Acknowledgement: Sendable, Equatable {
  /// The sequence number of the message.
  var sequence: UInt64
  /// Every sample of the run up to this number is in the hub's file; 0 when none is.
  var stored: UInt64
  /// The first sample that arrived while nothing was recorded and that can be recorded now: the agent resends what it
  /// has from there on.
  var again: UInt64?
  /// Whether the hub records; if not, it will never store its present samples.
  var isRecording = true

  /// The answer to plain text.
  static let plain = Array("ok".utf8)

  func encoded() -> [UInt8] {
    var members: [JSONValue.Member] = [
      .init("v", .integer(AgentMessage.version)),
      .init("ack", .integer(Int64(clamping: sequence))),
      .init("stored", .integer(Int64(clamping: stored))),
    ]
    if !isRecording { members.append(.init("recording", .bool(false))) }
    if let again { members.append(.init("again", .integer(Int64(clamping: again)))) }
    return JSONValue.object(members).encoded()
  }

  init(sequence: UInt64, stored: UInt64, again: UInt64? = nil, isRecording: Bool = true) {
    self.sequence = sequence
    self.stored = stored
    self.again = again
    self.isRecording = isRecording
  }

  /// Parses the answer of a hub; without `stored` no sample is safe yet.
  ///
  /// - Throws: A ``FleetRefusal`` that names the member and what it must be.
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
    isRecording = json["recording"] != .bool(false)
    again = try fields.whole("again", in: range, number).map { UInt64($0) }
  }
}
