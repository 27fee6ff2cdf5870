import Jansson
import ProcFS
import Testing

@testable import TopServer

@Suite struct AgentMessageTests {
  private static let text = """
    {"v":1,"type":"sample","host":"web-1","agent":"0.5.0","run":"a1","seq":1,\
    "sampled_at":"2023-11-14T22:13:20.000Z","age_seconds":0.0,"interval_seconds":1.0,\
    "uptime_seconds":8123.4,"cpu_count":8,\
    "cpu":{"user_percent":25.0,"nice_percent":0.0,"system_percent":0.0,"idle_percent":75.0,\
    "iowait_percent":0.0,"irq_percent":0.0,"softirq_percent":0.0,"steal_percent":0.0,\
    "guest_percent":0.0},"load":{"load_1":0.5,"load_5":0.4,"load_15":0.3},\
    "memory":{"total_bytes":16000000000,"available_bytes":12000000000,"used_bytes":4000000000},\
    "coverage_percent":99.8,\
    "ledger":{"counted_percent":200.0,"accounted_percent":187.5,"counted_cpus":8.0},\
    "processes":[{"pid":17,"name":"nginx","user":"www-data","cpu_percent":97.3}]}
    """

  private func parse(_ text: String) throws(FleetRefusal) -> AgentMessage {
    try AgentMessage(parsing: Array(text.utf8))
  }

  private func reason(_ text: String) -> String? {
    do throws(FleetRefusal) {
      _ = try parse(text)
      return nil
    } catch {
      return error.reason
    }
  }

  /// The message with one part replaced.
  private func message(_ part: String, _ other: String) throws -> String {
    try #require(Self.text.contains(part))
    return Self.text.replacing(part, with: other)
  }

  // MARK: - Valid messages

  @Test func theWholeMessage() {
    #expect(String(decoding: AgentMessage(sample: .test()).encoded(), as: UTF8.self) == Self.text)
  }

  @Test func aMessageRoundTrips() throws {
    var message = AgentMessage(sample: .test(), age: 57.25)
    #expect(try AgentMessage(parsing: message.encoded()) == message)
    message.sample.processes = (1...5).map {
      TopProcess(pid: $0, name: "\u{1B}[2J\"\\\u{0}\u{202E}", user: nil, cpu: 1)
    }
    #expect(try AgentMessage(parsing: message.encoded()) == message)
  }

  @Test func aFirstSampleHasLittleInIt() throws {
    let message = AgentMessage(
      sample: HostSample(host: "web-1", run: "a1", sequence: 1, time: 1_700_000_000_000_000_000))
    #expect(try AgentMessage(parsing: message.encoded()) == message)
    let short =
      #"{"v":1,"type":"sample","host":"h","run":"r","seq":1,"sampled_at":"2023-11-14T22:13:20Z"}"#
    #expect(try parse(short).sample.time == 1_700_000_000_000_000_000)
    #expect(try parse(short).sample.busy == nil)
  }

  @Test func unknownMembersAreIgnored() throws {
    let more = try message("{\"v\":1", "{\"later\":{\"a\":[1,2]},\"v\":1")
    #expect(try parse(more) == parse(Self.text))
  }

  @Test func fiveProcessesAreKept() throws {
    let one = #"{"pid":17,"name":"nginx","user":"www-data","cpu_percent":97.3}"#
    let many = try message(one, Array(repeating: one, count: 9).joined(separator: ","))
    #expect(try parse(many).sample.processes.count == 5)
  }

  @Test func longWordsAreShortened() throws {
    let long = try message("\"nginx\"", "\"" + String(repeating: "ä", count: 500) + "\"")
    #expect(try parse(long).sample.processes[0].name == String(repeating: "ä", count: 32))
  }

  @Test func availableMemoryIsAtMostTheTotal() throws {
    let odd = try message("\"available_bytes\":12000000000", "\"available_bytes\":99000000000")
    #expect(try parse(odd).sample.numbers[.memoryUsed] == 0)
  }

  @Test func sumsHaveFourDecimalsAndMayExceedTheBusyTime() throws {
    var sample = HostSample.test()
    (sample.numbers[.counted], sample.numbers[.accounted]) = (0.012345, 0.0200014)
    let read = try AgentMessage(parsing: AgentMessage(sample: sample).encoded()).sample.numbers
    #expect(abs((read[.counted] ?? 0) - 0.012345) < 1e-6)
    #expect(abs((read[.accounted] ?? 0) - 0.0200014) < 1e-6)
    // Each of them says nothing without the others.
    let part = try parse(try message("\"accounted_percent\":187.5,", "")).sample.numbers
    #expect(part[.counted] == nil && part[.countedCPUs] == nil && part[.coverage] == 0.998)
  }

  // MARK: - Invalid messages

  @Test(arguments: [
    ("\"host\":\"web-1\"", "\"host\":\"\""), ("\"host\":\"web-1\"", "\"host\":\"a b\""),
    ("\"host\":\"web-1\"", "\"host\":\"a\\u0000b\""), ("\"host\":\"web-1\"", "\"host\":\"a\\nb\""),
    ("\"host\":\"web-1\"", "\"host\":\"a\\u202Eb\""),
    ("\"host\":\"web-1\"", "\"host\":\"" + String(repeating: "x", count: 254) + "\""),
  ])
  func badHostNames(part: String, other: String) throws {
    let text = try message(part, other)
    #expect(throws: FleetRefusal.self) { try parse(text) }
    #expect(
      reason(text) == "a host name has 1 to 253 bytes, and no spaces or control characters")
  }

  @Test(arguments: [
    ("\"v\":1", "\"v\":2", "this hub understands version 1 of the message"),
    ("\"v\":1,", "", "\"v\" must be the version of the message"),
    ("\"v\":1", "\"v\":\"1\"", "\"v\" must be a whole number"),
    ("\"sample\"", "\"simple\"", "\"type\" must be \"sample\""),
    ("\"host\":\"web-1\",", "", "\"host\" must be the name of the host"),
    ("\"host\":\"web-1\"", "\"host\":7", "\"host\" must be a string"),
    ("\"seq\":1", "\"seq\":0", "\"seq\" must be a whole number from 1"),
    ("\"seq\":1", "\"seq\":1.5", "\"seq\" must be a whole number from 1"),
    ("\"seq\":1", "\"seq\":9007199254740993", "\"seq\" must be a whole number from 1"),
    ("\"run\":\"a1\",", "", "\"run\" must be the run of the agent"),
    (
      "\"run\":\"a1\"", "\"run\":\"a/1\"",
      "\"run\" must be 1 to 64 letters, digits and the signs - _ ."
    ),
    ("\"seq\":1", "\"seq\":-1", "\"seq\" must be a whole number from 1"),
    ("\"seq\":1", "\"seq\":9223372036854775807", "\"seq\" must be a whole number from 1"),
    ("\"seq\":1", "\"seq\":9223372036854775808", "\"seq\" must be a whole number from 1"),
    ("\"seq\":1,", "", "\"seq\" must be a whole number from 1"),
    (
      "\"sampled_at\":\"2023-11-14T22:13:20.000Z\",", "",
      "\"sampled_at\" must be a time such as 2026-01-31T08:15:30.250Z"
    ),
  ])
  func eachReasonNamesTheMember(part: String, other: String, expected: String) throws {
    #expect(reason(try message(part, other)) == expected)
  }

  // MARK: - Odd values

  private struct Oddity: Sendable, CustomTestStringConvertible {
    var part: String
    var other: String
    var odd = 1
    /// Whether the sample has the expected value.
    var isRight: @Sendable (HostSample) -> Bool
    var testDescription: String { other }
  }

  private static let oddities: [Oddity] = [
    Oddity(part: "\"interval_seconds\":1.0", other: "\"interval_seconds\":7200.5") {
      $0.interval == 3600
    },
    Oddity(part: "\"interval_seconds\":1.0", other: "\"interval_seconds\":1e300") {
      $0.interval == 3600
    },
    Oddity(part: "\"interval_seconds\":1.0", other: "\"interval_seconds\":0.0001") {
      $0.interval == 0.001
    },
    Oddity(part: "\"interval_seconds\":1.0", other: "\"interval_seconds\":0") {
      $0.interval == nil
    },
    Oddity(part: "\"interval_seconds\":1.0", other: "\"interval_seconds\":-5") {
      $0.interval == nil
    },
    Oddity(part: "\"interval_seconds\":1.0", other: "\"interval_seconds\":\"1\"") {
      $0.interval == nil
    },
    Oddity(part: "\"interval_seconds\":1.0", other: "\"interval_seconds\":NaN", odd: 0) {
      $0.interval == nil
    },
    Oddity(part: "\"interval_seconds\":1.0", other: "\"interval_seconds\":1e999", odd: 0) {
      $0.interval == nil
    },
    Oddity(part: "22:13:20.000Z", other: "25:13:20.000Z") { $0.time == 5_000_000_000 },
    Oddity(part: "2023-11-14T", other: "1969-11-14T") { $0.time == 5_000_000_000 },
    Oddity(part: "\"uptime_seconds\":8123.4", other: "\"uptime_seconds\":-1") {
      $0.uptime == nil
    },
    Oddity(part: "\"uptime_seconds\":8123.4", other: "\"uptime_seconds\":1e18") {
      $0.uptime == nil
    },
    Oddity(part: "\"cpu_count\":8", other: "\"cpu_count\":0") { $0.numbers[.cpuCount] == nil },
    Oddity(part: "\"cpu_count\":8", other: "\"cpu_count\":99999999999999999999") {
      $0.numbers[.cpuCount] == nil
    },
    Oddity(part: "\"user_percent\":25.0", other: "\"user_percent\":-25.0", odd: 2) {
      $0.busy == nil && $0.numbers[.user] == nil
    },
    Oddity(part: "\"user_percent\":25.0", other: "\"user_percent\":1e99", odd: 2) {
      $0.busy == nil
    },
    Oddity(part: "\"user_percent\":25.0", other: "\"user_percent\":null") { $0.busy == nil },
    Oddity(part: "\"idle_percent\":75.0", other: "\"idle_percent\":80.0") {

      guard let user = $0.numbers[.user], let idle = $0.numbers[.idle] else { return false }
      return abs(user + idle - 1) < 1e-9 && abs(user - 25.0 / 105) < 1e-9

    },
    Oddity(part: "\"cpu\":{", other: "\"cpu\":[],\"x\":{") { $0.busy == nil },
    Oddity(part: "\"load_5\":0.4", other: "\"load_5\":\"0.4\"") { $0.numbers[.load1] == nil },
    Oddity(part: "\"load_5\":0.4,", other: "", odd: 0) { $0.numbers[.load1] == nil },
    Oddity(part: "\"load_5\":0.4", other: "\"load_5\":-1") { $0.numbers[.load5] == 0 },
    Oddity(part: "\"load_5\":0.4", other: "\"load_5\":1e30") { $0.numbers[.load5] == 1e9 },
    Oddity(part: "\"total_bytes\":16000000000", other: "\"total_bytes\":-1") {
      $0.numbers[.memoryTotal] == 0
    },
    Oddity(part: "\"total_bytes\":16000000000", other: "\"total_bytes\":1e30") {
      $0.numbers[.memoryTotal] == 0x1p60
    },
    Oddity(part: "\"total_bytes\":16000000000", other: "\"total_bytes\":16e9", odd: 0) {
      $0.numbers[.memoryTotal] == 16_000_000_000
    },
    Oddity(part: "\"coverage_percent\":99.8", other: "\"coverage_percent\":100.1") {
      $0.numbers[.coverage] == 1
    },
    Oddity(part: "\"pid\":17", other: "\"pid\":0") { $0.processes.isEmpty },
    Oddity(part: "\"pid\":17", other: "\"pid\":4294967296") { $0.processes.isEmpty },
    Oddity(part: "\"cpu_percent\":97.3", other: "\"cpu_percent\":-1") {
      $0.processes.first?.cpu == 0
    },
    Oddity(part: "{\"pid\":17", other: "7,{\"pid\":17") { $0.processes.map(\.pid) == [17] },
    Oddity(part: "\"agent\":\"0.5.0\"", other: "\"agent\":5") { $0.agent == nil },
  ]

  @Test(arguments: oddities) private func oddValuesAreClampedOrLeftOut(oddity: Oddity) throws {
    let text = try message(oddity.part, oddity.other)
    let message = try AgentMessage(parsing: Array(text.utf8), arrival: 5_000_000_000)
    #expect(oddity.isRight(message.sample), "\(message.sample)")
    #expect(message.oddValues == oddity.odd)
    #expect(message.sample.host == "web-1" && message.sample.sequence == 1)
  }

  @Test(arguments: [("-1", 0.0), ("1e300", 1e8), ("\"x\"", 0), ("Infinity", 0), ("100000001", 1e8)])
  func anAgeIsBounded(given: String, age: Double) throws {
    #expect(try parse(message("\"age_seconds\":0.0", "\"age_seconds\":\(given)")).age == age)
  }

  @Test func theMessageOfASuspendedAgentIsAccepted() {
    var sample = HostSample.test()
    sample.interval = 86_400
    let text = String(decoding: AgentMessage(sample: sample).encoded(), as: UTF8.self)
    #expect(text.contains("\"interval_seconds\":3600.0,"))
  }

  @Test func droppedSamplesAreReportedIfThereAreAny() throws {
    var sample = HostSample.test()
    sample.givenUp = 17
    let text = AgentMessage(sample: sample).encoded()
    #expect(String(decoding: text, as: UTF8.self).hasSuffix(",\"given_up_samples\":17}"))
    #expect(try AgentMessage(parsing: text).sample.givenUp == 17)
  }

  @Test func invalidJSONIsRejectedWithAReason() {
    #expect(reason("{\"v\":1,") == "invalid JSON: look at line 1, column 7")
    #expect(reason("[]") == "a message must be a JSON object")
    #expect(reason("") != nil)
    let deep = String(repeating: "[", count: 60_000)
    #expect(reason("{\"v\":" + deep) == "the JSON is nested too deeply")
    // Brackets in a string are text.
    #expect(reason("{\"v\":1,\"x\":\"\(deep)\\\"[\"}") == "\"type\" must be \"sample\"")
  }

  /// No reason is longer than a close frame can carry, 123 bytes: RFC 6455 section 5.5.
  @Test func brokenTextNeverCrashes() {
    var random = SeededGenerator(seed: 7)
    let bytes = Array(Self.text.utf8)
    var refused = 0
    for _ in 0..<20_000 {
      var broken = bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<broken.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: broken[place] = UInt8.random(in: 0...255, using: &random)
        case 1: broken.removeSubrange(place..<min(broken.count, place + 9))
        case 2: broken.insert(contentsOf: broken[(place / 2)..<place], at: place)
        default: broken.removeSubrange(place...)
        }
        if broken.isEmpty { break }
      }
      do throws(FleetRefusal) {
        _ = try AgentMessage(parsing: broken)
      } catch {
        refused += 1
        #expect((1...123).contains(error.reason.utf8.count), "\(error.reason)")
      }
    }
    #expect(refused > 10_000)
  }
}

/// A generator with the same numbers in each run: SplitMix64.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
