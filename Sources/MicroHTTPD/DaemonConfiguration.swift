import Linux
/// Limits and rules of a ``Daemon``.
public struct DaemonConfiguration: Sendable {
  /// The number of worker threads, each with its own epoll set.
  ///
  /// At least 2: libmicrohttpd does not support a pool of one thread.
  public var threads = 2
  /// The maximum number of connections, including streams and upgrades.
  ///
  /// Each needs a file descriptor. At the limit, idle connections are closed to make room; further clients receive a
  /// 503.
  public var connectionLimit = 16_384
  /// Connections accepted beyond either limit so that their clients can receive a refusal.
  ///
  /// More are closed at once.
  public var spareConnections = 256
  /// The maximum number of connections from one ``AddressKey``.
  public var connectionLimitPerAddress = 2_048
  /// The maximum number of event streams; `nil` means an eighth of the connections.
  public var streamLimit: Int?
  /// The maximum number of event streams of one ``AddressKey``; `nil` means a quarter of all streams.
  public var streamLimitPerAddress: Int?
  /// The maximum number of upgraded connections; `nil` means three quarters of the connections.
  public var upgradeLimit: Int?
  /// The maximum number of later replies that are in progress or queued, with the answers that we send ourselves.
  ///
  /// See ``OwnAnswer``.
  public var waitingLimit = 512
  /// The same for one ``AddressKey``.
  public var waitingLimitPerAddress = 128
  /// The maximum number of clients that wait for a later reply after they shut down their sending side.
  ///
  /// Most of them have left.
  public var halfClosedLimit = 32
  /// The same for one ``AddressKey``.
  public var halfClosedLimitPerAddress = 2
  /// The maximum number of unsent bytes of large answers; each body counts once.
  public var unsentLimit = 128 << 20
  /// Bytes of memory for one connection.
  ///
  /// It must hold the request line and the headers, 64 bytes per header, and the headers of the answer. This leaves 3
  /// KiB less for the head of a request.
  public var connectionMemory = 20 << 10
  /// The idle timeout of a connection in seconds.
  public var idleTimeout = 30
  /// The time limit for the headers of a request, and again for its body.
  public var headerTimeout: Duration = .seconds(10)
  /// The time limit for sending one answer, at any speed.
  public var answerTimeout: Duration = .seconds(3_600)
  /// The minimum rate in bytes per second at which a client must receive its answer.
  ///
  /// Slower clients are ended.
  public var readingRate = 16 << 10
  /// The duration of the measurement of that rate.
  public var readingTime: Duration = .seconds(10)
  /// The largest request body in bytes.
  ///
  /// Bodies are read and discarded; a larger one is refused.
  public var bodyLimit = 64 << 10

  /// Whether we answer requests for a host.
  ///
  /// The text is a Host header or the authority of a target.
  public var allowsHost: @Sendable (String) -> Bool = { _ in true }
  /// Whether a path is answered even beyond the connection limits.
  ///
  /// Use it for health checks.
  public var isVital: @Sendable (_ path: String) -> Bool = { _ in false }
  /// Makes the answer to a refused request.
  public var refuse: @Sendable (Refusal) -> Response
  /// Receives libmicrohttpd's log messages, one line per call.
  public var log: @Sendable (String) -> Void = { _ in }
  /// Receives messages for the operator: one line per call, and each reason at most once a minute.
  public var note: @Sendable (String) -> Void = { _ in }
  /// Counts refused requests and ended connections.
  public var counts = DaemonCounts()
  /// The clock that paces the checks of waiting clients.
  public var clock: any Clock<Duration> = SuspendingClock()

  public init(refuse: @escaping @Sendable (Refusal) -> Response) {
    self.refuse = refuse
  }

  // MARK: - Derived limits

  /// The maximum number of event streams.
  public var mostStreams: Int { streamLimit ?? max(1, connectionLimit / 8) }
  /// The maximum number of event streams of one address.
  public var mostStreamsPerAddress: Int { streamLimitPerAddress ?? max(1, mostStreams / 4) }
  /// The maximum number of upgraded connections.
  public var mostUpgrades: Int { upgradeLimit ?? max(1, connectionLimit / 4 * 3) }
  /// The maximum number of bytes of a request line with its headers, including 64 bytes per header.
  var mostHeadBytes: Int { max(1_024, connectionMemory - 3_072) }

  /// The value of a limit.
  func number(of limit: DaemonLimit) -> Int {
    switch limit {
    case .connections: connectionLimit
    case .connectionsPerAddress: connectionLimitPerAddress
    case .streams: mostStreams
    case .streamsPerAddress: mostStreamsPerAddress
    case .upgrades: mostUpgrades
    case .waitingAnswers: waitingLimit
    case .waitingAnswersPerAddress: waitingLimitPerAddress
    case .unsentBytes: unsentLimit
    case .headSize: mostHeadBytes
    }
  }
}
