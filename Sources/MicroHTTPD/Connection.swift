import Linux
import Synchronization

/// A client's connection: the state of its request, and its deadline.
///
/// `@unchecked Sendable`: libmicrohttpd runs all callbacks of a connection on the worker that accepted it. Other
/// threads read only constants, atomics, and fields guarded by the lock of the ``ConnectionTable``.
final class Connection: @unchecked Sendable {
  /// The socket, owned by libmicrohttpd.
  let socket: Int32
  /// The client's key for per-address limits.
  let address: AddressKey
  /// The address of the C connection.
  ///
  /// A pointer is not Sendable, but its address is.
  let handle: UInt
  /// The thread that accepted it.
  let worker: UInt64
  /// The limit that this connection exceeds, so that its client only receives a refusal; `nil` otherwise.
  let excess: DaemonLimit?

  private let deadline: Atomic<Int64>
  // Counted per connection and summed on demand: a shared counter would cause cache contention between workers.
  private let requests = Atomic<Int>(0)
  private let busy = Atomic(false)
  private let quietSince: Atomic<Int64>
  private let answeringSince = Atomic<Int64>(0)
  private let bodyAddress = Atomic<UInt>(0)
  private let bodyCount = Atomic<Int>(0)

  /// The progress of the current request.
  enum Phase {
    /// No request has started, as far as we know.
    case waiting
    /// The target has arrived and the headers are arriving.
    case arriving
    /// The headers were approved; the body, if any, is being read.
    case receiving
    /// The body was too large and the answer was sent; the rest of the body is being read.
    case refused
    /// The answer is being computed; the connection is suspended or was just resumed.
    case deferred
    /// The answer is queued.
    case answered
    /// The connection has left HTTP. libmicrohttpd keeps it suspended until its owner closes it.
    case upgraded
  }

  /// The purpose of a connection.
  enum Use { case requests, stream, upgrade }

  var phase = Phase.waiting
  var target: Result<RequestTarget, RequestTarget.Malformed> = .failure(.init(reason: "no target"))
  /// The address of the target in libmicrohttpd's memory while the headers arrive.
  var targetAddress: UInt = 0
  /// The size of the target in bytes, before decoding.
  var targetSize: Int { rawTarget.utf8.count }
  var bodyBytes = 0
  /// The computation of the answer, while the phase is `deferred`.
  var deferral: Deferral?
  /// The upgrade to start when the 101 is sent.
  var upgrade: Upgrade?
  /// Whether ``UnsentAnswers`` counts the answer.
  var holdsLargeAnswer = false
  /// The last approved Host.
  ///
  /// A client usually repeats it on the same connection.
  var approvedHost: String?
  private var rawTarget = ""

  // These fields are guarded by the table's lock.
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

  /// Starts a new request.
  ///
  /// A target equal to the previous one is not parsed again.
  func begin(rawTarget raw: String) {
    phase = .arriving
    bodyBytes = 0
    guard raw != rawTarget || raw.isEmpty else { return }
    rawTarget = raw
    target = Result { () throws(RequestTarget.Malformed) in try RequestTarget(raw) }
  }

  /// The number of requests on this connection.
  var requestCount: Int { requests.load(ordering: .relaxed) }

  /// Whether a request is in progress.
  var isBusy: Bool { busy.load(ordering: .relaxed) }

  /// Records the start of a request.
  ///
  /// Only the connection's worker calls this.
  func beginExchange() {
    requests.store(requestCount + 1, ordering: .relaxed)
    busy.store(true, ordering: .relaxed)
  }

  /// Records the time at which sending the answer started.
  func beginAnswer(at now: Int64) {
    answeringSince.store(now, ordering: .relaxed)
  }

  /// Records the body that is being sent.
  ///
  /// Its address only serves to distinguish bodies.
  func send(_ body: Body) {
    bodyAddress.store(UInt(bitPattern: ObjectIdentifier(body)), ordering: .relaxed)
    bodyCount.store(body.count, ordering: .relaxed)
  }

  /// Records that nothing is being sent whose speed must be watched.
  func endAnswer() {
    answeringSince.store(0, ordering: .relaxed)
    bodyCount.store(0, ordering: .relaxed)
  }

  func endExchange() {
    endAnswer()
    busy.store(false, ordering: .relaxed)
  }

  /// Records that the connection is idle from a time on.
  func rest(at now: Int64) { quietSince.store(now, ordering: .relaxed) }

  /// Whether the connection has been idle since a time.
  func isIdle(since moment: Int64) -> Bool {
    !isBusy && quietSince.load(ordering: .relaxed) <= moment
  }

  var idleSince: Int64 { quietSince.load(ordering: .relaxed) }

  /// The time at which sending the answer started; `nil` if none is being sent.
  var sendingSince: Int64? {
    let moment = answeringSince.load(ordering: .relaxed)
    return moment == 0 ? nil : moment
  }

  /// The address and size of the body that is being sent.
  var sending: (body: UInt, count: Int) {
    (bodyAddress.load(ordering: .relaxed), bodyCount.load(ordering: .relaxed))
  }

  /// Sets the deadline of this connection, in nanoseconds on `CLOCK_MONOTONIC`.
  func setDeadline(_ moment: Int64) {
    deadline.store(moment, ordering: .relaxed)
  }

  func isOverdue(at now: Int64) -> Bool {
    deadline.load(ordering: .relaxed) < now
  }
}

/// The measured speed at which a client receives its answer.
struct ReadingPace {
  /// The time at which sending started; it identifies the answer.
  var answer: Int64
  /// The time of the last measurement, in nanoseconds on `CLOCK_MONOTONIC`.
  var moment: Int64
  /// The number of bytes acknowledged by then.
  var acknowledged: Int64
}
