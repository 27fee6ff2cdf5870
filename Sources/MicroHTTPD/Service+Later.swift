import Linux
import Synchronization

/// Handles later replies and the clients that wait for them.
extension Service {
  /// The limit that forbids another later reply to this client; `nil` if none does.
  func waitingLimit(for address: AddressKey) -> DaemonLimit? {
    guard exceededWaitingLimit(for: address) != nil else { return nil }
    // Clients that have left no longer count.
    lookAfterWaitingClients()
    return exceededWaitingLimit(for: address)
  }

  private func exceededWaitingLimit(for address: AddressKey) -> DaemonLimit? {
    let waiting = deferrals.all.filter(\.holdsPlace)
    if waiting.count >= configuration.waitingLimit { return .waitingAnswers }
    let own = waiting.count { $0.address == address }
    return own >= configuration.waitingLimitPerAddress ? .waitingAnswersPerAddress : nil
  }

  /// Starts the work on a later reply.
  ///
  /// - Parameters:
  ///   - handle: An already suspended connection, so that it can be resumed at any time from now on.
  ///   - isSentByUs: Whether libmicrohttpd cannot send the reply.
  func begin(
    _ reply: Reply, on connection: Connection, suspended handle: OpaquePointer, isToHead: Bool,
    isSentByUs: Bool = false
  ) {
    // No deadline for the client while it waits for us.
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

  /// The result of a later reply, after its connection was resumed.
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
  /// libmicrohttpd does not watch a suspended connection. A client that has shut down its sending side may have left or
  /// may still read: both look the same until something is sent (RFC 9112 section 9.6). So only a limited number of
  /// such clients, in total and per address, get their answers, and they count until these are sent. The others get a
  /// refusal.
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

  /// Checks the waiting clients ten times a second while there are any.
  private func watchWaitingClients() {
    guard !isWatching.exchange(true, ordering: .acquiringAndReleasing) else { return }
    Task {
      while true {
        try? await configuration.clock.sleep(for: .milliseconds(100))
        lookAfterWaitingClients()
        guard deferrals.count == 0 else { continue }
        isWatching.store(false, ordering: .sequentiallyConsistent)
        // A client may have arrived in between.
        guard deferrals.count > 0, !isWatching.exchange(true, ordering: .sequentiallyConsistent)
        else { return }
      }
    }
  }
}
