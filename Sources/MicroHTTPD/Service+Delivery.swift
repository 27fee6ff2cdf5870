import Linux
import Synchronization

/// How to deliver a reply: the service decides, and the callback that has the connection's handle acts.
enum Delivery: Sendable {
  case response(Response, status: Int)
  /// Send a refusal and end the connection.
  case refusal(Refusal)
  /// Suspend the connection until the reply is ready.
  case wait(Reply)
  /// Send the headers of a stream without events.
  case streamHead([Response.Header])
  /// Send events; the connection already counts as a stream.
  indirect case stream(EventStream)
  /// Let the connection leave HTTP; it already counts as an upgrade.
  indirect case upgrade(Upgrade)
}

extension Service {
  /// Decides how to deliver a reply, which may exceed a limit.
  ///
  /// - Parameter isToHead: Whether the request's method is HEAD, so that the answer has no body.
  func delivery(of reply: Reply, on connection: Connection, isToHead: Bool) -> Delivery {
    switch reply {
    case .ready(let response, let status):
      let hasBody = status != 304 && !isToHead
      if hasBody, let refusal = send(response, on: connection) { return .refusal(refusal) }
      return .response(response, status: status)
    case .later:
      if let exceeded = waitingLimit(for: connection.address) {
        return .refusal(refusal(exceeded))
      }
      return .wait(reply)
    case .stream(let stream):
      if isToHead { return .streamHead(stream.headers) }
      let exceeded = connections.beginStream(
        connection, most: configuration.mostStreams,
        perAddress: configuration.mostStreamsPerAddress)
      return exceeded.map { .refusal(refusal($0)) } ?? .stream(stream)
    case .upgrade(let upgrade):
      if isDraining.load(ordering: .relaxed) { return .refusal(.stopping) }
      let exceeded = connections.beginUpgrade(connection, most: configuration.mostUpgrades)
      return exceeded.map { .refusal(refusal($0)) } ?? .upgrade(upgrade)
    }
  }

  /// Records the body that is about to be sent.
  ///
  /// - Returns: The refusal to send instead if too many unsent bytes wait for clients.
  private func send(_ response: Response, on connection: Connection) -> Refusal? {
    connection.send(response.body)
    guard response.body.count >= UnsentAnswers.threshold else { return nil }
    let now = Instant.monotonicCoarse()
    guard let victims = unsent.admit(connection, response.body, at: now) else {
      return refusal(.unsentBytes)
    }
    connection.holdsLargeAnswer = true
    count(.unsentBytes, times: victims.count { connections.end($0) })
    return nil
  }

  /// The answer that we send because libmicrohttpd cannot, under the same limits as other answers.
  ///
  /// Call this while the connection is suspended.
  func ownAnswer(_ reply: Reply, on connection: Connection, isToHead: Bool) -> OwnAnswer {
    beginSending(on: connection)
    guard case .ready(let response, let status) = reply else {
      let problem = Refusal.malformed("this answer needs a connection that is open")
      return ownRefusal(problem, on: connection, isToHead: isToHead)
    }
    let answer = OwnAnswer(response, status: status, toHead: isToHead)
    guard answer.hasBody, let refusal = send(response, on: connection) else { return answer }
    return ownRefusal(refusal, on: connection, isToHead: isToHead)
  }

  private func ownRefusal(_ refusal: Refusal, on connection: Connection, isToHead: Bool)
    -> OwnAnswer
  {
    let response = configuration.refuse(refusal)
    connection.send(response.body)
    return OwnAnswer(response, status: response.status, toHead: isToHead)
  }

  /// Starts a stream for a client.
  ///
  /// - Returns: `nil` if the server is about to stop.
  func open(_ stream: EventStream, on connection: Connection, _ handle: OpaquePointer)
    -> EventReader?
  {
    let reader = unsafe EventReader(stream, to: handle, of: connection, self)
    guard streams.add(reader) else {
      reader.finish()
      return nil
    }
    // A stream has no time limit. The broadcaster drops a client that does not read.
    connection.setDeadline(.max)
    connection.endAnswer()
    return reader
  }

  /// Cancels an upgrade that could not be queued.
  func cancelUpgrade(of connection: Connection) {
    connection.upgrade = nil
    connections.endUse(of: connection)
  }
}
