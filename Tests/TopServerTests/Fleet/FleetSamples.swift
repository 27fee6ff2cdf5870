import Linux
import ProcFS
import Testing

@testable import TopServer

extension HostSample {
  /// A sample as an agent sends it.
  ///
  /// - Parameter time: Nanoseconds since the epoch.
  static func test(
    _ host: String = "web-1", run: String = "a1", _ sequence: UInt64 = 1,
    time: Int64 = 1_700_000_000_000_000_000, busy: Double = 0.25, interval: Double? = 1
  ) -> HostSample {
    var sample = HostSample(host: host, run: run, sequence: sequence, time: time)
    sample.agent = "0.5.0"
    sample.interval = interval
    sample.numbers = .test(busy: busy)
    sample.processes = [TopProcess(pid: 17, name: "nginx", user: "www-data", cpu: 0.973)]
    return sample
  }
}

extension AgentNumbers {
  static func test(busy: Double) -> AgentNumbers {
    var numbers = AgentNumbers()
    (numbers[.uptime], numbers[.cpuCount]) = (8123.4, 8)
    for place: AgentPlace in [.nice, .system, .iowait, .irq, .softirq, .steal, .guest] {
      numbers[place] = 0
    }
    (numbers[.user], numbers[.idle]) = (busy, 1 - busy)
    (numbers[.load1], numbers[.load5], numbers[.load15]) = (0.5, 0.4, 0.3)
    (numbers[.memoryTotal], numbers[.memoryAvailable]) = (16_000_000_000, 12_000_000_000)
    numbers[.coverage] = 0.998
    (numbers[.counted], numbers[.accounted], numbers[.countedCPUs]) = (8 * busy, 7.5 * busy, 8)
    numbers.settle()
    return numbers
  }
}

extension FleetScene {
  /// A fleet of agents with one sample each, seen one and a half seconds after boot.
  static func test(_ samples: [HostSample], alerts: [String: [String]] = [:]) -> FleetScene {
    var book = FleetBook(at: .at(1000))
    for (index, sample) in samples.enumerated() {
      _ = try? book.receive(sample, from: .agent(UInt64(index + 1)), at: .at(1000))
    }
    _ = book.tick(at: .at(1000.5))
    return FleetScene(sequence: 1, time: .at(1000.5), hosts: book.hosts, alerts: alerts)
  }
}

extension FleetPicture {
  static func test(_ samples: [HostSample]) -> FleetPicture { FleetPicture(.test(samples)) }
}

extension FleetEncoder {
  static let test = FleetEncoder(run: AnswerEncoder.test.run)
}

extension FleetBook.Source {
  static func agent(_ link: FleetHost.Link) -> FleetBook.Source {
    .connection(link, address: "10.\(link >> 16).\(link >> 8 & 0xFF).\(link & 0xFF)")
  }
}

/// The cause of the refusal that the body throws; `nil` if it throws none.
func cause(_ body: () throws -> Void) -> FleetRefusal.Cause? {
  do {
    try body()
    return nil
  } catch {
    return (error as? FleetRefusal)?.cause
  }
}

/// A fleet that receives samples second by second.
final class FleetStage {
  var book: FleetBook
  /// Seconds after the hub's boot.
  var seconds = 1000.0

  init(limits: FleetLimits = FleetLimits()) { book = FleetBook(limits: limits, at: .at(1000)) }

  var now: Instant { .at(seconds) }

  /// The wall clock of a host without an offset.
  func time(_ seconds: Double) -> Int64 { Instant.at(seconds).wall }

  /// A sample that was taken now, on the clock of its host.
  ///
  /// - Parameter clock: Seconds by which that clock is ahead.
  @discardableResult
  func receive(
    _ sequence: UInt64, of host: String = "web-1", run: String = "a1", busy: Double = 0.25,
    takenAt taken: Double? = nil, age: Double = 0, clock: Double = 0, link: FleetHost.Link = 1
  ) throws(FleetRefusal) -> FleetBook.Receipt {
    try book.receive(
      .test(host, run: run, sequence, time: time((taken ?? seconds) + clock), busy: busy),
      age: age, from: .agent(link), at: now)
  }

  /// Receives 30 samples of a host within half a minute, which confirm its name.
  func confirm(_ host: String = "web-1", run: String = "a1", link: FleetHost.Link = 1) throws {
    for sequence: UInt64 in 1...30 {
      try receive(sequence, of: host, run: run, link: link)
      pass(sequence == 1 ? 2 : 1)
    }
  }

  /// Run a1 returns on link 3 with the samples that it took meanwhile, and run b2 on link 2 loses the name.
  ///
  /// - Parameters:
  ///   - sequence: The number of a sample from before b2 took the name.
  ///   - left: When the connection of a1 ended, in seconds.
  ///   - taken: When b2 took the name.
  func reclaim(_ sequence: UInt64, left: Double, taken: Double) throws {
    let back = try receive(sequence, takenAt: left + 10, age: seconds - left - 10, link: 3)
    #expect(back.outcome == .late)
    #expect(back.replaced == .init(link: 2, reason: FleetHost.formerReason))
    // Its samples of the other run's time are not recorded.
    #expect(
      try receive(450, takenAt: taken + 50, age: seconds - taken - 50, link: 3).outcome == .notOwned
    )
  }

  /// Ends a connection.
  ///
  /// - Parameter isGivenUp: Whether the client says that it leaves for good.
  func leave(_ host: String = "web-1", link: FleetHost.Link = 1, isGivenUp: Bool = false) {
    book.disconnect(link, from: host, isGivenUp: isGivenUp, at: now)
  }

  /// The stage after a restart of the hub, which was down for some seconds.
  func restarted(after seconds: Double) -> FleetStage {
    let next = FleetStage()
    next.seconds = self.seconds + seconds
    next.book.restore(book.known(at: now), at: next.now)
    return next
  }

  /// Advances the time without a sample.
  @discardableResult
  func pass(_ seconds: Double) -> [String] {
    self.seconds += seconds
    return book.tick(at: now).map { "\($0.host) \($0.kind)" }
  }

  func series(_ host: String = "web-1") -> [Double?] {
    book[host]?.recent.series(at: now.sinceBoot) ?? []
  }
}
