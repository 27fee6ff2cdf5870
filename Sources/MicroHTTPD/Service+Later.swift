import Linux
import Synchronization

/// Replies that come later, and the clients that wait for them.
extension Service {
  /// The limit that does not allow one more later reply to this client.
  func waitingLimit(for address: AddressKey) -> DaemonLimit? {
    guard exceededWaitingLimit(for: address) != nil else { return nil }
    // Those that have left make room.
    lookAfterWaitingClients()
    return exceededWaitingLimit(for: address)
  }

  private func exceededWaitingLimit(for address: AddressKey) -> DaemonLimit? {
    let waiting = deferrals.all.filter(\.holdsPlace)
    if waiting.count >= configuration.waitingLimit { return .waitingAnswers }
    let own = waiting.count { $0.address == address }
    return own >= configuration.waitingLimitPerAddress ? .waitingAnswersPerAddress : nil
  }

  /// Begins the work on a later reply.
  ///
  /// - Parameters:
  ///   - handle: Is suspended already, so that it can be resumed at any moment from now on.
  ///   - isSentByUs: True when libmicrohttpd could not send the reply.
  func begin(
    _ reply: Reply, on connection: Connection, suspended handle: OpaquePointer, isToHead: Bool,
    isSentByUs: Bool = false
  ) {
    // However long it takes, it is not the client that is slow.
    connection.setDeadline(.max)
    connection.endAnswer()
    connection.phase = .deferred
    let deferral = unsafe Deferral(
      suspended: handle, of: connection, self, isToHead: isToHead, isSentByUs: isSentByUs)
    connection.deferral = deferral
    guard deferrals.add(deferral) else { return deferral.end() }
    if deferral.client != .connected { lookAfterWaitingClients() }
    deferral.start(reply)
    watchWaitingClients()
  }

  /// The call after a later reply's connection was resumed: what the work came to.
  func answerDeferred(_ connection: Connection) -> Reply {
    beginAnswer(on: connection)
    switch takeDeferred(from: connection) {
    case .reply(let reply):
      let isLast = isDraining.load(ordering: .relaxed) || connection.excess != nil
      return isLast ? reply.closing() : reply
    case .over: return Reply(configuration.refuse(.clientLeft)).closing()
    case .stopping, nil: return Reply(configuration.refuse(.stopping)).closing()
    }
  }

  func takeDeferred(from connection: Connection) -> Deferral.Outcome? {
    guard let deferral = connection.deferral.take() else { return nil }
    deferrals.remove(deferral)
    return deferral.outcome
  }

  // MARK: - Clients that wait

  /// Cancels the work for clients that have left.
  ///
  /// libmicrohttpd does not look at a suspended connection. A client that has closed its sending side may be gone or may
  /// still read: both look the same until something is sent (RFC 9112 section 9.6). So a limited number of them, in all
  /// and for each address, are answered, and count until their answers are sent; the others get a refusal.
  func lookAfterWaitingClients() {
    var halfClosed = 0
    var halfClosedPerAddress: [AddressKey: Int] = [:]
    var left = 0
    for deferral in deferrals.all.sorted(by: { $0.number < $1.number }) {
      switch deferral.client {
      case .connected, .unknown: continue
      case .broken:
        deferral.abandon()
        left += 1
      case .halfClosed:
        let own = halfClosedPerAddress[deferral.address, default: 0]
        let isWithinLimits =
          halfClosed < configuration.halfClosedLimit
          && own < configuration.halfClosedLimitPerAddress
        if !isWithinLimits, deferral.giveUp(configuration.refuse(.clientLeft)) {
          left += 1
          continue
        }
        halfClosed += 1
        halfClosedPerAddress[deferral.address] = own + 1
      }
    }
    count(.clientLeft, times: left)
  }

  /// Looks after them ten times a second for as long as there are any.
  private func watchWaitingClients() {
    guard !isWatching.exchange(true, ordering: .acquiringAndReleasing) else { return }
    Task {
      while true {
        try? await configuration.clock.sleep(for: .milliseconds(100))
        lookAfterWaitingClients()
        guard deferrals.count == 0 else { continue }
        isWatching.store(false, ordering: .sequentiallyConsistent)
        // One may have come in between.
        guard deferrals.count > 0, !isWatching.exchange(true, ordering: .sequentiallyConsistent)
        else { return }
      }
    }
  }
}
