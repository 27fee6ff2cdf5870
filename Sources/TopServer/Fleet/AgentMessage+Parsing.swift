import Jansson
import ProcFS

extension AgentMessage {
  /// Values inside a message are nested this deep; a parser that calls itself for each level needs a bound.
  private static let deepest = 16

  /// Reads the JSON of an agent; members that are not known are passed over.
  ///
  /// - Throws: a ``FleetRefusal`` that names the member and what it must be.
  init(parsing bytes: [UInt8]) throws(FleetRefusal) {
    guard Self.depth(of: bytes) <= Self.deepest else {
      throw FleetRefusal(cause: .badMessage, reason: "the JSON is nested too deeply")
    }
    let json: JSONValue
    do {
      json = try JSONValue(parsing: bytes)
    } catch {
      // What jansson says may quote the text.
      throw FleetRefusal(
        cause: .badMessage, reason: "no JSON: look at line \(error.line), column \(error.column)")
    }
    guard case .object(let members) = json else {
      throw FleetRefusal(cause: .badMessage, reason: "a message must be a JSON object")
    }
    let fields = MessageFields(members)
    try Self.checkVersion(fields)
    sample = try HostSample(fields)
    // Of an agent whose machine slept for days, what it had not sent before comes first: it is not recorded, but to
    // refuse it would shut out all that comes behind it.
    age =
      try fields.number("age_seconds", in: 0...1e8, "seconds from 0 to 100000000") ?? 0
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

  /// How deep brackets are nested at most, whether or not they match.
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
  /// A number that JSON's readers hold exactly.
  private static let largest: Int64 = 1 << 53

  fileprivate init(_ fields: MessageFields) throws(FleetRefusal) {
    let name = try fields.required("host", try fields.text("host"), "the name of the host")
    try HostName.check(name)
    let moment = "a time such as 2026-01-31T08:15:30.250Z"
    let text = try fields.required("sampled_at", try fields.text("sampled_at"), moment)
    self.init(
      host: name,
      time: try fields.required("sampled_at", RFC3339.nanoseconds(parsing: text), moment))
    run = try fields.required("run", try fields.text("run"), "the run of the agent")
    guard Self.isRun(run) else {
      throw fields.refusal("run", "1 to 64 letters, digits and the signs - _ .")
    }
    let order = "a whole number from 1"
    sequence = UInt64(
      try fields.required("seq", try fields.whole("seq", in: 1...Self.largest, order), order))
    agent = try fields.text("agent").map { $0.prefix(bytes: 64) }
    interval = try fields.number(
      "interval_seconds", in: 0.001...3600, "seconds from 0.001 to 3600")
    uptime = try fields.number("uptime_seconds", in: 0...1e11, "seconds from 0")
    cpuCount = try fields.whole("cpu_count", in: 1...1_000_000, "a whole number from 1").map {
      Int($0)
    }
    if let cpu = try fields.object("cpu") { modes = try ModeShares(cpu, of: fields) }
    busy = modes.map { min(1, $0.busy) }
    if let load = try fields.object("load") { self.load = try LoadAverage(load) }
    if let memory = try fields.object("memory") { self.memory = try HostMemory(memory) }
    coverage = try fields.share("coverage_percent")
    for process in try fields.objects("processes", atMost: Self.mostProcesses) {
      processes.append(try TopProcess(process))
    }
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

extension ModeShares {
  /// - Parameter parent: Of the object itself, for what is wrong with its sum.
  fileprivate init(_ fields: MessageFields, of parent: MessageFields) throws(FleetRefusal) {
    user = try fields.share("user_percent") ?? 0
    nice = try fields.share("nice_percent") ?? 0
    system = try fields.share("system_percent") ?? 0
    idle = try fields.share("idle_percent") ?? 0
    iowait = try fields.share("iowait_percent") ?? 0
    irq = try fields.share("irq_percent") ?? 0
    softirq = try fields.share("softirq_percent") ?? 0
    steal = try fields.share("steal_percent") ?? 0
    guest = try fields.share("guest_percent") ?? 0
    // Each part was rounded by itself.
    guard (0.99...1.01).contains(total) else {
      throw parent.refusal("cpu", "percentages of all CPUs that add up to 100")
    }
  }
}

extension LoadAverage {
  fileprivate init(_ fields: MessageFields) throws(FleetRefusal) {
    func value(_ name: String) throws(FleetRefusal) -> Double {
      let accepts = "a number from 0"
      return try fields.required(name, try fields.number(name, in: 0...1e9, accepts), accepts)
    }
    self.init(
      one: try value("load_1"), five: try value("load_5"), fifteen: try value("load_15"))
  }
}

extension HostMemory {
  fileprivate init(_ fields: MessageFields) throws(FleetRefusal) {
    func value(_ name: String) throws(FleetRefusal) -> UInt64 {
      let accepts = "a whole number of bytes"
      return UInt64(
        try fields.required(name, try fields.whole(name, in: 0...(1 << 60), accepts), accepts))
    }
    total = try value("total_bytes")
    available = min(try value("available_bytes"), total)
  }
}

extension TopProcess {
  fileprivate init(_ fields: MessageFields) throws(FleetRefusal) {
    let number = "a whole number from 1"
    pid = Int32(
      try fields.required("pid", try fields.whole("pid", in: 1...Int64(Int32.max), number), number))
    name = try fields.required("name", try fields.text("name"), "a string").prefix(bytes: 64)
    user = try fields.text("user").map { $0.prefix(bytes: 64) }
    let percent = "percent of one CPU, from 0"
    cpu =
      try fields.required(
        "cpu_percent", try fields.number("cpu_percent", in: 0...1e8, percent), percent) / 100
  }
}

extension String {
  /// As many whole characters as fit into so many bytes.
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
