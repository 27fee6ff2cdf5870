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
    let waiting = deferrals.all.filter(\.isWaiting)
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

  /// Clients that have ended their sending side and are answered even so.
  ///
  /// One that is gone looks the same until something is sent to it (RFC 9112 section 9.6), so a few get the benefit of
  /// the doubt at a time: who only half closes is answered, and many that are gone cost no more than those few.
  private static let mostDoubtful = 2

  /// Gives up the work for clients that have left.
  ///
  /// libmicrohttpd does not look at a suspended connection.
  func lookAfterWaitingClients() {
    var doubtful = 0
    var left = 0
    for deferral in deferrals.all.sorted(by: { $0.number < $1.number }) {
      switch deferral.client {
      case .connected, .unknown: continue
      case .broken: deferral.abandon()
      case .halfClosed:
        doubtful += 1
        guard doubtful > Self.mostDoubtful else { continue }
        deferral.giveUp(configuration.refuse(.clientLeft))
      }
      left += 1
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
