import CMicroHTTPD
import Synchronization

/// The large answers that clients have not received yet.
///
/// It limits their total size in bytes.
///
/// A body that several clients receive counts once. Bodies below ``threshold`` do not count: the kernel buffers most of
/// each, and the check for slow clients covers the rest.
final class UnsentAnswers: Sendable {
  /// The size in bytes from which an answer counts.
  static let threshold = 256 << 10

  private struct Holder {
    let connection: Connection
    /// Retained, so that no other body gets its address and is mistaken for it.
    let body: Body
    let since: Int64
    /// The bytes that the client had acknowledged before this answer.
    let acknowledged: Int64
  }

  private struct State {
    var bodies: [ObjectIdentifier: (count: Int, holders: Int)] = [:]
    var holders: [ObjectIdentifier: Holder] = [:]
    var total = 0

    mutating func release(_ connection: ObjectIdentifier) {
      guard let holder = holders.removeValue(forKey: connection) else { return }
      let id = ObjectIdentifier(holder.body)
      guard let body = bodies[id] else { return }
      if body.holders > 1 {
        bodies[id]?.holders -= 1
      } else {
        bodies[id] = nil
        total -= body.count
      }
    }
  }

  private let state = Mutex(State())
  private let limit: Int
  /// The age in nanoseconds below which an answer's speed is not judged.
  private static let youngest: Int64 = 250_000_000

  init(limit: Int) { self.limit = limit }

  /// The total of unsent bytes.
  var total: Int { state.withLock { $0.total } }

  /// Admits an answer, and selects the slowest clients to end if there is no room.
  ///
  /// A single answer is always admitted, however large it is.
  ///
  /// - Parameters:
  ///   - now: Nanoseconds on `CLOCK_MONOTONIC`.
  ///   - acknowledged: Returns the bytes that a client has acknowledged on its connection.
  /// - Returns: The connections that the caller must end; `nil` if there is no room even then.
  func admit(
    _ connection: Connection, _ body: Body, at now: Int64,
    acknowledged: (Connection) -> Int64 = { cmhd_bytes_acked($0.socket) }
  ) -> [Connection]? {
    let start = acknowledged(connection)
    return state.withLock { state in
      state.release(ObjectIdentifier(connection))
      let id = ObjectIdentifier(body)
      let victims: [Connection]
      if state.bodies[id] == nil {
        guard let found = makeRoom(for: body.count, &state, now, acknowledged) else { return nil }
        victims = found
      } else {
        victims = []
      }
      if state.bodies[id] == nil { state.total += body.count }
      state.bodies[id] = (body.count, (state.bodies[id]?.holders ?? 0) + 1)
      state.holders[ObjectIdentifier(connection)] = Holder(
        connection: connection, body: body, since: now, acknowledged: start)
      return victims
    }
  }

  /// Releases an answer that was received or whose connection has ended.
  func release(_ connection: Connection) {
    state.withLock { $0.release(ObjectIdentifier(connection)) }
  }

  /// - Returns: The connections whose end makes room; `nil` if ending all candidates would not suffice.
  private func makeRoom(
    for count: Int, _ state: inout State, _ now: Int64, _ acknowledged: (Connection) -> Int64
  ) -> [Connection]? {
    guard state.total + count > limit, state.total > 0 else { return [] }
    // A holder's socket is still open: the holder leaves this table before libmicrohttpd closes it.
    let slowest = state.holders.values
      .filter { now - $0.since >= Self.youngest }
      .map { (holder: $0, rate: Self.rate($0, now, acknowledged)) }
      .sorted { $0.rate < $1.rate }
    var rest = state
    var victims: [Connection] = []
    for (holder, _) in slowest where rest.total > 0 && rest.total + count > limit {
      rest.release(ObjectIdentifier(holder.connection))
      victims.append(holder.connection)
    }
    guard rest.total == 0 || rest.total + count <= limit else { return nil }
    state = rest
    return victims
  }

  /// The bytes per second that the client has received.
  private static func rate(
    _ holder: Holder, _ now: Int64, _ acknowledged: (Connection) -> Int64
  ) -> Double {
    Double(acknowledged(holder.connection) - holder.acknowledged) / Double(now - holder.since)
  }
}
