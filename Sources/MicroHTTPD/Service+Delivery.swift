import Linux
import Synchronization

/// What becomes of a reply: the service decides it, and the callback that has the handle of the connection does it.
enum Delivery: Sendable {
  case response(Response, status: Int)
  /// An error, after which the connection ends.
  case refusal(Refusal)
  /// The connection is suspended until the reply is there.
  case wait(Reply)
  /// The headers of a stream, and no events.
  case streamHead([Response.Header])
  /// Events, on a connection that is counted among the streams now.
  indirect case stream(EventStream)
  /// The connection leaves HTTP, and is counted among the upgrades now.
  indirect case upgrade(Upgrade)
}

extension Service {
  /// Decides what becomes of a reply: it may be one more than a limit allows.
  ///
  /// - Parameter isToHead: Whether the method of the request is HEAD, whose answer has no body.
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

  /// Notes what is about to be sent; the refusal when too much waits for other clients already.
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

  /// What we send for a reply that libmicrohttpd cannot send, under the same limits as its own answers.
  ///
  /// Call it while the connection is suspended.
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

  /// Lets a client read a stream.
  ///
  /// - Returns: `nil` when the server is about to stop.
  func open(_ stream: EventStream, on connection: Connection, _ handle: OpaquePointer)
    -> EventReader?
  {
    let reader = unsafe EventReader(stream, to: handle, of: connection, self)
    guard streams.add(reader) else {
      reader.finish()
      return nil
    }
    // A stream has no end that could be overdue; a client that does not take it is dropped by the broadcaster.
    connection.setDeadline(.max)
    connection.endAnswer()
    return reader
  }

  /// Takes back the decision to let a connection leave HTTP.
  func cancelUpgrade(of connection: Connection) {
    connection.upgrade = nil
    connections.endUse(of: connection)
  }
}
