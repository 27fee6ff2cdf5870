import CMicroHTTPD
public import Linux
import Synchronization

/// libmicrohttpd's server: a few threads, each with an epoll loop, on one listening socket.
@safe public final class Daemon: Sendable {
  private let service: Service
  /// The address of the C daemon, or `nil` after it was stopped.
  ///
  /// A pointer is not Sendable, but its address is.
  private let handle: Mutex<UInt?>

  /// Starts to serve.
  ///
  /// Block the signals that end the program first: the threads inherit the signal mask.
  ///
  /// The daemon takes ownership of the socket and closes it when it stops.
  ///
  /// - Parameter handler: Runs on libmicrohttpd's threads and must not block; a later reply may.
  /// - Throws: ``StartError`` if libmicrohttpd fails to start; its log has the reason. `SystemCallError` if the process may
  ///   not open more files.
  public init(
    socket: ListeningSocket, configuration: DaemonConfiguration,
    handler: @escaping @Sendable (borrowing Request) -> Reply
  ) throws {
    service = try Service(configuration: configuration, handler: handler)
    // Unretained: the daemon owns the service, and it is stopped before either is deallocated.
    let context = unsafe Unmanaged.passUnretained(service).toOpaque()
    var options = unsafe [
      MHD_OptionItem(.LISTEN_SOCKET, Int(socket.descriptor)),
      MHD_OptionItem(.THREAD_POOL_SIZE, max(2, configuration.threads)),
      MHD_OptionItem(.CONNECTION_LIMIT, Self.ceiling(configuration)),
      MHD_OptionItem(.CONNECTION_MEMORY_LIMIT, configuration.connectionMemory),
      MHD_OptionItem(.CONNECTION_TIMEOUT, configuration.idleTimeout),
      cmhd_external_logger(messageLogged, context),
      cmhd_notify_connection(connectionChanged, context),
      cmhd_notify_completed(requestCompleted, context),
      cmhd_uri_log_callback(targetArrived, context),
      cmhd_unescape_callback(keepEscapes, context),
      cmhd_strictness(),
      cmhd_end(),
    ]
    let flags =
      MHD_USE_EPOLL_INTERNAL_THREAD.rawValue | MHD_USE_ERROR_LOG.rawValue
      | MHD_ALLOW_SUSPEND_RESUME.rawValue | MHD_ALLOW_UPGRADE.rawValue
    let daemon = unsafe cmhd_start(
      flags, acceptConnection, context, handleRequest, context, &options)
    guard let daemon = unsafe daemon else { throw StartError() }
    handle = Mutex(UInt(bitPattern: daemon))
  }

  deinit { stop() }

  /// The connection limit for libmicrohttpd.
  ///
  /// It divides the limit evenly among its threads, and clients beyond it would wait without an answer.
  ///
  /// The threads do not share connections evenly, so each may hold as many as our own limits allow.
  private static func ceiling(_ configuration: DaemonConfiguration) -> Int {
    (configuration.connectionLimit + configuration.spareConnections + 1)
      * max(2, configuration.threads)
  }

  /// The number of requests since the start.
  public var requestCount: Int { service.connections.requestCount }

  /// The number of open connections, including upgraded ones.
  public var connectionCount: Int { service.connections.count }

  /// The number of upgraded connections that their owners have not closed.
  public var upgradedCount: Int { service.upgrades.count }

  /// Whether ``drain(for:clock:)`` was called.
  public var isDraining: Bool { service.isDraining.load(ordering: .relaxed) }

  /// Ends clients that send requests or receive answers too slowly.
  ///
  /// Runs until the task is cancelled.
  public func endSlowClients(clock: some Clock<Duration>) async throws {
    let pause = min(.seconds(1), service.configuration.headerTimeout / 4)
    while true {
      try await clock.sleep(for: pause)
      endSlowClients(at: Instant.monotonicNow())
    }
  }

  /// Checks for slow clients once, at a time on `CLOCK_MONOTONIC`.
  func endSlowClients(at now: Int64) { service.endSlowClients(at: now) }

  /// Refuses new connections, closes open ones with their next answer, ends streams, and waits for answers in progress
  /// and for the owners of upgraded connections to close them.
  ///
  /// Call this before ``stop()``, since libmicrohttpd discards whatever is still being sent when it stops. This does
  /// not use `MHD_quiesce_daemon`, which can abort the process in version 0.9.75.
  ///
  /// - Parameter limit: The longest wait. Later replies that are unfinished by then are cancelled, and another second
  ///   is allowed to tell their clients. Upgraded connections that are still open are shut down, which their owners see
  ///   as an end of stream.
  public func drain(for limit: Duration, clock: some Clock<Duration>) async {
    service.isDraining.store(true, ordering: .relaxed)
    service.streams.close()
    await waitForAnswers(atMost: limit, clock: clock)
    if service.deferrals.close() + service.upgrades.close() > 0 {
      await waitForAnswers(atMost: .seconds(1), clock: clock)
    }
  }

  private func waitForAnswers(atMost limit: Duration, clock: some Clock<Duration>) async {
    var waited = Duration.zero
    let step = Duration.milliseconds(10)
    // One more step after the last answer: a request may have been arriving when the flag was set.
    repeat {
      try? await clock.sleep(for: step)
      waited += step
    } while (service.connections.isAnyBusy || service.upgrades.count > 0) && waited < limit
  }

  /// Closes all connections and ends the threads.
  ///
  /// Upgraded connections that their owners still hold are closed too, so end their owners first.
  ///
  /// See MHD_stop_daemon(3).
  public func stop() {
    let address = handle.withLock { handle in
      defer { handle = nil }
      return handle
    }
    guard let address, let daemon = unsafe OpaquePointer(bitPattern: address) else { return }
    // A connection that is suspended when libmicrohttpd stops would abort the process.
    service.streams.close()
    service.deferrals.close()
    service.upgrades.abandon()
    closeConnections()
    unsafe MHD_stop_daemon(daemon)
  }

  /// Closes all connections and waits for their workers to see it, for at most ten seconds.
  ///
  /// It takes milliseconds unless a handler blocks, for which libmicrohttpd itself would wait as well.
  ///
  /// Version 0.9.75 crashes if it refuses a request by itself once its stop has begun: `MHD_queue_response` then takes no
  /// response, and the next step reads it.
  private func closeConnections() {
    service.isDraining.store(true, ordering: .sequentiallyConsistent)
    let end = Instant.monotonicNow() + 10_000_000_000
    while service.isConnecting || service.connections.endAll() > 0, Instant.monotonicNow() < end {
      Instant.sleep(untilMonotonic: Instant.monotonicNow() + 1_000_000)
    }
  }

  /// libmicrohttpd failed to start.
  public struct StartError: Error, CustomStringConvertible {
    public let description = "libmicrohttpd could not start its threads"
  }
}

extension MHD_OptionItem {
  /// An option with a numeric value.
  fileprivate init(_ option: MHD_OPTION, _ value: Int) {
    unsafe self.init(option: option, value: value, ptr_value: nil)
  }
}
