import Linux
/// Limits and rules of a ``Daemon``.
public struct DaemonConfiguration: Sendable {
  /// Worker threads, each with an epoll set of its own.
  ///
  /// At least 2: libmicrohttpd has no pool of one.
  public var threads = 2
  /// Connections in all, those of streams and upgrades included.
  ///
  /// Each takes a file descriptor. At the limit, idle connections are closed for new ones; a client that comes in spite
  /// of it is answered 503.
  public var connectionLimit = 16_384
  /// Connections beyond either limit that are still accepted, so that their clients can be told; more are closed at once.
  public var spareConnections = 256
  /// Connections from one ``AddressKey``.
  public var connectionLimitPerAddress = 2_048
  /// Event streams in all; `nil` is an eighth of the connections.
  public var streamLimit: Int?
  /// Event streams of one ``AddressKey``; `nil` is a quarter of all streams.
  public var streamLimitPerAddress: Int?
  /// Connections that have left HTTP; `nil` is three quarters of the connections.
  public var upgradeLimit: Int?
  /// Later replies that are worked on or wait for their turn, and answers that we send ourselves, see ``OwnAnswer``.
  public var waitingLimit = 512
  /// The same for one ``AddressKey``.
  public var waitingLimitPerAddress = 128
  /// Clients that wait for a later reply after they have closed their sending side; most of such clients are gone.
  public var halfClosedLimit = 32
  /// The same for one ``AddressKey``.
  public var halfClosedLimitPerAddress = 4
  /// Bytes of large answers, each body counted once, that wait for their clients.
  public var unsentLimit = 128 << 20
  /// Bytes of memory for one connection.
  ///
  /// It holds the request line and the headers, 64 bytes for each header, and the headers of the answer, so the head of
  /// a request has 3 KiB less.
  public var connectionMemory = 20 << 10
  /// Seconds of silence after which a connection is closed.
  public var idleTimeout = 30
  /// Time for the headers of a request to arrive, and again for its body.
  public var headerTimeout: Duration = .seconds(10)
  /// Time for one answer to be taken by its client, however fast it reads.
  public var answerTimeout: Duration = .seconds(3_600)
  /// Bytes a second that a client takes of its answer at least, or it is ended.
  public var readingRate = 16 << 10
  /// The time over which that is measured.
  public var readingTime: Duration = .seconds(10)
  /// Bytes of request body that are read (and thrown away); more is refused.
  public var bodyLimit = 64 << 10

  /// Whether requests for this host are ours to answer; the text is a Host header or the authority of a target.
  public var allowsHost: @Sendable (String) -> Bool = { _ in true }
  /// Whether a path is answered even when there are too many connections: what tells whether the server lives.
  public var isVital: @Sendable (_ path: String) -> Bool = { _ in false }
  /// The answer to a request that is turned away.
  public var refuse: @Sendable (Refusal) -> Response
  /// Takes what libmicrohttpd has to say, one line a call.
  public var log: @Sendable (String) -> Void = { _ in }
  /// Takes what an operator should know, one line a call and a reason once a minute at most.
  public var note: @Sendable (String) -> Void = { _ in }
  /// Counts what is refused and ended.
  public var counts = DaemonCounts()
  /// Paces the looks at clients that wait for later replies.
  public var clock: any Clock<Duration> = SuspendingClock()

  public init(refuse: @escaping @Sendable (Refusal) -> Response) {
    self.refuse = refuse
  }

  // MARK: - What follows from it

  /// Event streams in all.
  public var mostStreams: Int { streamLimit ?? max(1, connectionLimit / 8) }
  /// Event streams of one address.
  public var mostStreamsPerAddress: Int { streamLimitPerAddress ?? max(1, mostStreams / 4) }
  /// Connections that have left HTTP.
  public var mostUpgrades: Int { upgradeLimit ?? max(1, connectionLimit / 4 * 3) }
  /// Bytes of a request line with its headers, 64 for each header included.
  var mostHeadBytes: Int { max(1_024, connectionMemory - 3_072) }

  /// The number of a limit.
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
