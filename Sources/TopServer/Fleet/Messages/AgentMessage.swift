import Jansson

/// The message that an agent sends each second: a sample, and how long it waited.
///
/// docs/fleet.md describes the text.
struct AgentMessage: Sendable, Equatable {
  /// Increase it when earlier hubs can no longer read the message.
  static let version: Int64 = 1

  var sample: HostSample
  /// Seconds from the sample to the sending of the message, on the monotonic clock: large after an outage.
  var age = 0.0
  /// The number of invalid values that were clamped or left out.
  var oddValues = 0

  /// The valid seconds between two samples, for hubs of any version.
  static let intervals = 0.001...3600.0

  /// The message as JSON.
  func encoded() -> [UInt8] {
    let sample = sample
    // After a suspension the interval may be days.
    let interval = sample.interval.map {
      min(max($0, Self.intervals.lowerBound), Self.intervals.upperBound)
    }
    var members: [JSONValue.Member] = [
      .init("v", .integer(Self.version)), .init("type", .string("sample")),
      .init("host", .string(sample.host)), .init("agent", JSONValue(sample.agent) { .string($0) }),
      .init("run", .string(sample.run)), .init("seq", .integer(Int64(clamping: sample.sequence))),
      .init("sampled_at", .string(RFC3339.text(nanosecondsSinceEpoch: sample.time))),
      .init("age_seconds", .decimal(age, places: 3)),
      .init("interval_seconds", .decimal(interval, places: 3)),
    ]
    members += AgentGroup.all.map { $0.member(of: sample.numbers) }
    members.append(.init("processes", .array(sample.processes.map { .object($0.members) })))
    if sample.givenUp > 0 { members.append(.init("given_up_samples", .count(sample.givenUp))) }
    return JSONValue.object(members).encoded()
  }
}

extension TopProcess {
  /// The members; the CPU use is percent of one CPU.
  var members: [JSONValue.Member] {
    [
      .init("pid", .integer(Int64(pid))), .init("name", .string(name)),
      .init("user", JSONValue(user) { .string($0) }), .init("cpu_percent", .percent(cpu)),
    ]
  }
}
