import Linux
import Synchronization

/// One client's connection: the request that is under way on it, and when it must have ended.
///
/// `@unchecked Sendable`: libmicrohttpd runs all callbacks of a connection on the one worker that accepted it; what
/// other threads read is constant, atomic, or used under the lock of the ``ConnectionTable`` only.
final class Connection: @unchecked Sendable {
  /// The socket, owned by libmicrohttpd.
  let socket: Int32
  /// What the client counts as where a limit is per address.
  let address: AddressKey
  /// The address of the C connection: a pointer is not Sendable, its address is.
  let handle: UInt
  /// The thread that accepted it.
  let worker: UInt64
  /// Why the client gets nothing but an explanation, or `nil`.
  let excess: DaemonLimit?

  private let deadline: Atomic<Int64>
  // Counted here and added up when somebody asks: workers that share a counter wait for each other's caches.
  private let requests = Atomic<Int>(0)
  private let busy = Atomic(false)
  private let quietSince: Atomic<Int64>
  private let answeringSince = Atomic<Int64>(0)
  private let bodyAddress = Atomic<UInt>(0)
  private let bodyCount = Atomic<Int>(0)

  /// How far the request is.
  enum Phase {
    /// No request has begun to arrive, as far as we know.
    case waiting
    /// Its target came; the headers are arriving.
    case arriving
    /// Its headers were approved; the body, if any, is being read.
    case receiving
    /// Its body was too large, and it has its answer; the rest of the body is being read.
    case refused
    /// Its answer is being worked on; the connection is suspended, or was just resumed.
    case deferred
    /// Its answer is queued.
    case answered
    /// It has left HTTP, and libmicrohttpd has it suspended until its owner closes it.
    case upgraded
  }

  /// What a connection is used for.
  enum Use { case requests, stream, upgrade }

  var phase = Phase.waiting
  var target: Result<RequestTarget, RequestTarget.Malformed> = .failure(.init(reason: "no target"))
  /// Where the target stands in libmicrohttpd's memory, while the headers arrive.
  var targetAddress: UInt = 0
  /// Bytes of the target as it came.
  var targetSize: Int { rawTarget.utf8.count }
  var bodyBytes = 0
  /// The work on the answer, while the phase is `deferred`.
  var deferral: Deferral?
  /// What becomes of the connection when its 101 is sent.
  var upgrade: Upgrade?
  /// Whether its answer is among the large ones that are counted.
  var holdsLargeAnswer = false
  /// The Host that was approved last: a client that stays asks for the same one again.
  var approvedHost: String?
  private var rawTarget = ""

  // Under the lock of the table.
  var use = Use.requests
  var isEnded = false
  var pace: ReadingPace?

  /// - Parameter deadline: Nanoseconds on `CLOCK_MONOTONIC`.
  init(
    socket: Int32, deadline: Int64, since now: Int64 = 0, address: AddressKey = .local,
    handle: UInt = 0, worker: UInt64 = 0, excess: DaemonLimit? = nil
  ) {
    self.socket = socket
    self.address = address
    self.handle = handle
    self.worker = worker
    self.excess = excess
    self.deadline = Atomic(deadline)
    quietSince = Atomic(now)
  }

  /// Takes the target of a new request; the same one as before need not be parsed again.
  func begin(rawTarget raw: String) {
    phase = .arriving
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

  /// Notes since when the answer is sent.
  func beginAnswer(at now: Int64) {
    answeringSince.store(now, ordering: .relaxed)
  }

  /// Notes what is sent; the address only tells one body from another.
  func send(_ body: Body) {
    bodyAddress.store(UInt(bitPattern: ObjectIdentifier(body)), ordering: .relaxed)
    bodyCount.store(body.count, ordering: .relaxed)
  }

  /// What is sent is no answer that could be slow.
  func endAnswer() {
    answeringSince.store(0, ordering: .relaxed)
    bodyCount.store(0, ordering: .relaxed)
  }

  func endExchange() {
    endAnswer()
    busy.store(false, ordering: .relaxed)
  }

  /// Notes that nothing is under way from this moment on.
  func rest(at now: Int64) { quietSince.store(now, ordering: .relaxed) }

  /// Whether nothing has been under way since a moment.
  func isIdle(since moment: Int64) -> Bool {
    !isBusy && quietSince.load(ordering: .relaxed) <= moment
  }

  var idleSince: Int64 { quietSince.load(ordering: .relaxed) }

  /// Since when the answer is sent; `nil` while none is.
  var sendingSince: Int64? {
    let moment = answeringSince.load(ordering: .relaxed)
    return moment == 0 ? nil : moment
  }

  /// The body that is sent, and its bytes.
  var sending: (body: UInt, count: Int) {
    (bodyAddress.load(ordering: .relaxed), bodyCount.load(ordering: .relaxed))
  }

  /// Sets the moment on `CLOCK_MONOTONIC`, in nanoseconds, at which this connection has overstayed.
  func setDeadline(_ moment: Int64) {
    deadline.store(moment, ordering: .relaxed)
  }

  func isOverdue(at now: Int64) -> Bool {
    deadline.load(ordering: .relaxed) < now
  }
}

/// How fast a client takes its answer, as far as it was measured.
struct ReadingPace {
  /// Since when the answer is sent; tells one answer from the next.
  var answer: Int64
  /// When it was measured last, in nanoseconds on the monotonic clock.
  var moment: Int64
  /// Bytes that were acknowledged by then.
  var acknowledged: Int64
}
