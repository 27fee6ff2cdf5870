import CMicroHTTPD
import Synchronization

/// The large answers that their clients have not taken yet: how many bytes they hold together is limited.
///
/// A body that several clients are sent is counted once. What is smaller than ``threshold`` is not counted: the kernel
/// takes most of it at once, and the watch over slow clients looks at the rest.
final class UnsentAnswers: Sendable {
  /// Bytes from which an answer is large.
  static let threshold = 256 << 10

  private struct Holder {
    let connection: Connection
    /// Kept, so that no other body gets its place in memory and is taken for it.
    let body: Body
    let since: Int64
    /// Bytes that the client had acknowledged before.
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
  /// A younger answer has had no time to show how fast it is taken.
  private static let youngest: Int64 = 250_000_000

  init(limit: Int) { self.limit = limit }

  /// Bytes that wait.
  var total: Int { state.withLock { $0.total } }

  /// Lets an answer in, if need be at the cost of those that are taken most slowly.
  ///
  /// An answer that is alone is always let in, however large it is.
  ///
  /// - Parameters:
  ///   - now: Nanoseconds on the monotonic clock.
  ///   - acknowledged: Bytes that a client has acknowledged on its connection.
  /// - Returns: The connections that have to be ended for it; `nil` when there is no room even so.
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

  /// The answer was taken, or its connection has ended.
  func release(_ connection: Connection) {
    state.withLock { $0.release(ObjectIdentifier(connection)) }
  }

  /// - Returns: Those whose answers make room; `nil` when all that may be ended would not be enough.
  private func makeRoom(
    for count: Int, _ state: inout State, _ now: Int64, _ acknowledged: (Connection) -> Int64
  ) -> [Connection]? {
    guard state.total + count > limit, state.total > 0 else { return [] }
    // A holder's socket is open: it leaves this table before libmicrohttpd closes it.
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

  /// Bytes a second that the client has taken.
  private static func rate(
    _ holder: Holder, _ now: Int64, _ acknowledged: (Connection) -> Int64
  ) -> Double {
    Double(acknowledged(holder.connection) - holder.acknowledged) / Double(now - holder.since)
  }
}
