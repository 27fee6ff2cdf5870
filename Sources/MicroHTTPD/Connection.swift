import Linux
import Synchronization

/// One client's connection: the request that is under way on it, and when it must have ended.
///
/// `@unchecked Sendable`: libmicrohttpd runs all callbacks of a connection on the one worker that accepted it; what
/// other threads read, the deadline and the counts, is atomic.
final class Connection: @unchecked Sendable {
  /// The socket, owned by libmicrohttpd.
  let socket: Int32
  private let deadline: Atomic<Int64>
  // Counted here and added up when somebody asks: workers that share a counter wait for each other's caches.
  private let requests = Atomic<Int>(0)
  private let busy = Atomic(false)

  /// How far the request is.
  enum Phase {
    /// No request was handed to us yet.
    case waiting
    /// Its headers were approved; the body, if any, is being read.
    case receiving
    /// Its answer is being worked on; the connection is suspended, or was just resumed.
    case deferred
    /// Its answer is queued.
    case answered
    /// It has left HTTP, and libmicrohttpd has it suspended until its owner closes it.
    case upgraded
  }

  var phase = Phase.waiting
  var target: Result<RequestTarget, RequestTarget.Malformed> = .failure(.init(reason: "no target"))
  var bodyBytes = 0
  /// The work on the answer, while the phase is `deferred`.
  var deferral: Deferral?
  /// What becomes of the connection when its 101 is sent.
  var upgrade: Upgrade?
  /// The Host that was approved last: a client that stays asks for the same one again.
  var approvedHost: String?
  private var rawTarget = ""

  init(socket: Int32, deadline: Int64) {
    self.socket = socket
    self.deadline = Atomic(deadline)
  }

  /// Takes the target of a new request; the same one as before need not be parsed again.
  func begin(rawTarget raw: String) {
    phase = .waiting
    bodyBytes = 0
    guard raw != rawTarget || raw.isEmpty else { return }
    rawTarget = raw
    target = Result { () throws(RequestTarget.Malformed) in try RequestTarget(raw) }
  }

  /// Requests that were handed to us.
  var requestCount: Int { requests.load(ordering: .relaxed) }

  /// Whether a request is under way.
  var isBusy: Bool { busy.load(ordering: .relaxed) }

  /// Notes that a request is under way now; called by the connection's worker alone.
  func beginExchange() {
    requests.store(requestCount + 1, ordering: .relaxed)
    busy.store(true, ordering: .relaxed)
  }

  func endExchange() {
    busy.store(false, ordering: .relaxed)
  }

  /// Sets the moment on `CLOCK_MONOTONIC`, in nanoseconds, at which this connection has overstayed.
  func setDeadline(_ moment: Int64) {
    deadline.store(moment, ordering: .relaxed)
  }

  func isOverdue(at now: Int64) -> Bool {
    deadline.load(ordering: .relaxed) < now
  }
}
