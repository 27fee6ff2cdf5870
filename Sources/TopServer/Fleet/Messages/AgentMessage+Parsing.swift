import Jansson

extension AgentMessage {
  /// The maximum nesting depth, since a recursive parser needs a limit.
  private static let deepest = 16

  /// The maximum seconds that a sample may have waited.
  ///
  /// An agent whose machine was suspended for days first sends the samples from before.
  private static let longestAge = 1e8

  /// Parses the JSON of an agent, and ignores unknown members.
  ///
  /// - Parameter arrival: Nanoseconds since the epoch on the hub's clock, used when the time of the sample is
  ///   unreadable.
  /// - Throws: A ``FleetRefusal`` that names the member and what it must be.
  init(parsing bytes: [UInt8], arrival: Int64 = 0) throws(FleetRefusal) {
    guard Self.depth(of: bytes) <= Self.deepest else {
      throw FleetRefusal(cause: .badMessage, reason: "the JSON is nested too deeply")
    }
    guard case .object(let members) = try Self.json(bytes) else {
      throw FleetRefusal(cause: .badMessage, reason: "a message must be a JSON object")
    }
    let fields = MessageFields(members)
    try Self.checkVersion(fields)
    age = fields.bounded("age_seconds", in: 0...Self.longestAge) ?? 0
    sample = try HostSample(fields, ifUnreadable: arrival - Int64(age * 1e9))
    oddValues = fields.odd.count
  }

  private static func json(_ bytes: [UInt8]) throws(FleetRefusal) -> JSONValue {
    if let json = try? JSONValue(parsing: bytes) { return json }
    do {
      return try JSONValue(parsing: LenientNumbers.mended(bytes))
    } catch {
      // Jansson's own message may quote the text.
      throw FleetRefusal(
        cause: .badMessage,
        reason: "invalid JSON: look at line \(error.line), column \(error.column)")
    }
  }

  private static func checkVersion(_ fields: MessageFields) throws(FleetRefusal) {
    let version = try fields.required(
      "v", try fields.whole("v", in: 0...Int64.max, "a whole number"), "the version of the message")
    guard version == Self.version else {
      throw FleetRefusal(
        cause: .unknownVersion,
        reason: "this hub understands version \(Self.version) of the message")
    }
    guard try fields.text("type") == "sample" else { throw fields.refusal("type", "\"sample\"") }
  }

  /// The maximum nesting depth of brackets, matching or not.
  private static func depth(of bytes: [UInt8]) -> Int {
    var (depth, deepest) = (0, 0)
    var isString = false
    var isEscaped = false
    for byte in bytes {
      if isString {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isString = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isString = true
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        deepest = max(deepest, depth)
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      default: break
      }
    }
    return deepest
  }
}

extension HostSample {
  /// The greatest integer that JSON parsers represent exactly.
  private static let largest: Int64 = 1 << 53

  /// - Parameter time: Used when the time of the sample is unreadable.
  fileprivate init(
    _ fields: MessageFields, ifUnreadable time: Int64
  ) throws(FleetRefusal) {
    let name = try fields.required("host", try fields.text("host"), "the name of the host")
    try HostName.check(name)
    let moment = "a time such as 2026-01-31T08:15:30.250Z"
    let text = try fields.required("sampled_at", try fields.text("sampled_at"), moment)
    let taken = RFC3339.nanoseconds(parsing: text)
    // The time may be before 1970 on a machine whose clock lost its battery.
    if taken == nil { fields.odd.count += 1 }
    self.init(host: name, time: taken ?? time)
    run = try fields.required("run", try fields.text("run"), "the run of the agent")
    guard Self.isRun(run) else {
      throw fields.refusal("run", "1 to 64 letters, digits and the signs - _ .")
    }
    let order = "a whole number from 1"
    sequence = UInt64(
      try fields.required("seq", try fields.whole("seq", in: 1...Self.largest, order), order))
    agent = fields.word("agent", atMost: 64)
    // An interval of zero or less is meaningless.
    interval = fields.bounded("interval_seconds", in: AgentMessage.intervals, above: 0)
    for group in AgentGroup.all { group.read(fields, into: &numbers) }
    numbers.settle()
    processes = fields.objects("processes", atMost: Self.mostProcesses)
      .compactMap { TopProcess($0) }
    givenUp = fields.count("given_up_samples", atMost: UInt64(Self.largest)) ?? 0
  }

  private static func isRun(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
          UInt8(ascii: "."):
          true
        default: false
        }
      }
  }
}

extension TopProcess {
  /// - Returns: `nil` when the pid, the name or the CPU use is missing.
  fileprivate init?(_ fields: MessageFields) {
    guard let pid = fields.possible("pid", in: 1...Double(Int32.max)),
      let name = fields.word("name", atMost: 64),
      let percent = fields.bounded("cpu_percent", in: 0...1e8)
    else { return nil }
    self.init(
      pid: Int32(pid), name: name, user: fields.word("user", atMost: 64), cpu: percent / 100)
  }
}

extension String {
  /// The longest prefix of whole characters within a number of bytes.
  func prefix(bytes limit: Int) -> String {
    guard utf8.count > limit else { return self }
    var text = ""
    var length = 0
    for scalar in unicodeScalars {
      length += UTF8.width(scalar)
      guard length <= limit else { break }
      text.unicodeScalars.append(scalar)
    }
    return text
  }
}
