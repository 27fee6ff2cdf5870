import Linux
import Synchronization

/// The hub: processes the messages of connections, answers each, and counts.
///
/// It does not use sockets itself; `HubSockets` connects it to them.
final class Hub: Sendable {
  typealias Link = FleetHost.Link

  /// What to do after a message.
  struct Answer: Sendable, Equatable {
    enum Reply: Sendable, Equatable {
      case text([UInt8])
      case close(code: UInt16, reason: String)
    }

    var reply: Reply
    /// Another connection to close, which this one replaced.
    var replaced: FleetHost.Replacement?
  }

  /// A connection, from handshake to close.
  fileprivate struct Client {
    var peer: String
    /// The host of its messages, once one was accepted.
    var host: String?
    /// The host that its messages claimed last.
    var claimed: String?
    var bucket: TokenBucket
  }

  fileprivate struct State {
    var book: FleetBook
    var clients: [Link: Client] = [:]
    var counts = HubCounts()
    var refusals = RefusalLog()
  }

  /// The rate limit of a connection in messages a second, and the burst: ten minutes that an agent kept during an
  /// outage.
  private static let pace = 20.0
  private static let burst = 700.0
  /// The limit of a close reason in bytes.
  ///
  /// See RFC 6455 section 5.5.1.
  private static let longestReason = 123
  /// Policy violation, see RFC 6455 section 7.4.1.
  private static let policyViolation: UInt16 = 1008

  private let state: Mutex<State>
  private let recorder: (any FleetRecorder)?

  /// - Parameters:
  ///   - known: The hosts of the previous run.
  ///   - recorder: `nil` when samples are shown but not stored.
  init(
    known: [KnownHost] = [], limits: FleetLimits = FleetLimits(),
    recorder: (any FleetRecorder)? = nil, at now: Instant
  ) {
    var book = FleetBook(limits: limits, at: now)
    book.restore(known, at: now)
    state = Mutex(State(book: book))
    self.recorder = recorder
  }

  // MARK: - Connections

  func opened(_ link: Link, peer: String, at now: Instant) {
    state.withLock { state in
      state.counts.connectionsTotal += 1
      state.clients[link] = Client(
        peer: peer,
        bucket: TokenBucket(perSecond: Self.pace, burst: Self.burst, at: now.sinceBoot))
    }
  }

  /// - Parameter isGivenUp: Whether the client said that its run ends.
  func closed(_ link: Link, isGivenUp: Bool = false, at now: Instant) {
    state.withLock { state in
      guard let client = state.clients.removeValue(forKey: link), let host = client.host else {
        return
      }
      state.book.disconnect(link, from: host, isGivenUp: isGivenUp, at: now)
    }
  }

  /// Processes a message.
  func received(_ text: [UInt8], on link: Link, at now: Instant) -> Answer {
    do throws(FleetRefusal) {
      return try process(text, link, at: now)
    } catch {
      refuse(error, link)
      return Answer(
        reply: .close(
          code: Self.policyViolation, reason: error.reason.prefix(bytes: Self.longestReason)))
    }
  }

  /// Adds a sample of this machine, which is a member of the fleet.
  func join(_ sample: HostSample, at now: Instant) {
    state.withLock { state in
      // Only a full fleet refuses, and it reserves a place for this machine.
      _ = try? state.book.receive(sample, from: .local, at: now)
    }
  }

  // MARK: - The fleet

  /// The steps since the previous tick, and the current hosts.
  func tick(at now: Instant) -> (steps: [FleetStep], hosts: [FleetHost]) {
    state.withLock { state in (state.book.tick(at: now), state.book.hosts) }
  }

  /// Counts a client that was rejected before the WebSocket handshake.
  func refuse(_ refusal: FleetRefusal, peer: String) {
    state.withLock { state in
      state.counts.refused[refusal.cause, default: 0] += 1
      state.refusals.note(refusal, peer: peer, host: nil)
    }
  }

  private func refuse(_ refusal: FleetRefusal, _ link: Link) {
    state.withLock { state in
      let client = state.clients[link]
      state.counts.refused[refusal.cause, default: 0] += 1
      state.refusals.note(
        refusal, peer: client?.peer ?? "an unknown address", host: client?.host ?? client?.claimed)
    }
  }

  /// The log lines about rejected clients; the caller logs them, since logging may block.
  func takeRefusalLines(at now: Instant) -> [String] {
    state.withLock { $0.refusals.takeLines(at: now.sinceBoot) }
  }

  var counts: HubCounts {
    // Outside the lock: the recorder has one of its own, and agents wait for answers.
    let lost = UInt64(recorder?.lostSamples ?? 0)
    return state.withLock { state in
      var counts = state.counts
      counts.connections = state.clients.count
      counts.lost = lost
      return counts
    }
  }

  /// The hosts to store for the next run.
  func known(at now: Instant) -> [KnownHost] {
    // Outside the lock: the list may have thousands of hosts, and agents wait for answers.
    state.withLock { $0.book }.known(at: now)
  }

  // MARK: - Messages

  private func process(
    _ text: [UInt8], _ link: Link, at now: Instant
  ) throws(FleetRefusal) -> Answer {
    let peer = try admit(link, at: now)
    // Outside the lock: parsing is most of the work.
    let message = try Self.parse(text, peer: peer, at: now)
    var sample = message.sample
    let (receipt, isOpening) = try settle(message, link, peer, at: now)
    sample.host = receipt.host
    if receipt.outcome != .notOwned, let recorder {
      // Record a duplicate too: its first copy may have arrived while nothing was recorded.
      sample.time = receipt.time
      recorder.record(sample, isProvisional: receipt.isProvisional, isOpening: isOpening)
    }
    return Answer(reply: .text(acknowledgement(of: sample)), replaced: receipt.replaced)
  }

  /// - Returns: The address of the client.
  private func admit(_ link: Link, at now: Instant) throws(FleetRefusal) -> String {
    let peer: String? = state.withLock { state in
      state.counts.messages += 1
      let isPatient = state.clients[link]?.bucket.spend(at: now.sinceBoot) ?? false
      return isPatient ? state.clients[link]?.peer : nil
    }
    guard let peer else {
      throw FleetRefusal(
        cause: .flood, reason: "more than \(Int(Self.pace)) messages a second for too long")
    }
    return peer
  }

  private static func parse(
    _ text: [UInt8], peer: String, at now: Instant
  ) throws(FleetRefusal) -> AgentMessage {
    let first = text.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
    return first == UInt8(ascii: "{")
      ? try AgentMessage(parsing: text, arrival: now.wall)
      : AgentMessage(sample: try PlainText.sample(text, peer: peer, time: now.wall))
  }

  /// - Returns: The result for the sample, and whether it is the first of its connection.
  private func settle(
    _ message: AgentMessage, _ link: Link, _ peer: String, at now: Instant
  ) throws(FleetRefusal) -> (FleetBook.Receipt, isOpening: Bool) {
    let result = state.withLock { state -> Result<(FleetBook.Receipt, Bool), FleetRefusal> in
      do throws(FleetRefusal) {
        let isOpening = state.clients[link]?.host == nil
        return .success((try state.receive(message, link, peer, at: now), isOpening))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private func acknowledgement(of sample: HostSample) -> [UInt8] {
    guard !sample.run.isEmpty else { return Acknowledgement.plain }
    guard let recorder else {
      return Acknowledgement(sequence: sample.sequence, stored: 0, isRecording: false).encoded()
    }
    let standing = recorder.standing(host: sample.host, run: sample.run)
    return Acknowledgement(
      sequence: sample.sequence, stored: standing.stored, again: standing.again,
      isRecording: standing.isRecording
    ).encoded()
  }
}

extension Hub.State {
  fileprivate mutating func receive(
    _ message: AgentMessage, _ link: Hub.Link, _ peer: String, at now: Instant
  ) throws(FleetRefusal) -> FleetBook.Receipt {
    let name = message.sample.host
    if let host = clients[link]?.host, HostName.key(of: host) != HostName.key(of: name) {
      throw FleetRefusal(
        cause: .hostChanged, reason: "a connection can send samples of only one host; open another")
    }
    if clients[link]?.host == nil { clients[link]?.claimed = name }
    let receipt = try book.receive(
      message.sample, age: message.age, from: .connection(link, address: peer), at: now)
    clients[link]?.host = receipt.host
    counts.oddValues += UInt64(message.oddValues)
    switch receipt.outcome {
    case .duplicate: counts.duplicates += 1
    case .notOwned: counts.notOwned += 1
    case .late, .newest: break
    }
    if receipt.isLate { counts.late += 1 }
    if receipt.replaced != nil { counts.replaced += 1 }
    if receipt.hasEvicted { counts.evicted += 1 }
    return receipt
  }
}
