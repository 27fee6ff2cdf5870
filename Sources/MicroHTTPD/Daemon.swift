import CMicroHTTPD
public import Linux
import Synchronization

/// libmicrohttpd's server: an epoll loop in each of a few threads, all on one listening socket.
@safe public final class Daemon: Sendable {
  private let service: Service
  /// The address of the C daemon, or `nil` once it was stopped.
  ///
  /// A pointer is not Sendable; its address is.
  private let handle: Mutex<UInt?>

  /// Starts to serve.
  ///
  /// Block the signals that end the program before: the threads inherit their mask from here.
  ///
  /// The daemon owns the socket from now on and closes it at the end.
  ///
  /// - Parameter handler: Runs on libmicrohttpd's threads and must not wait for anything; a later reply may.
  /// - Throws: ``StartError`` when libmicrohttpd refuses; its log says why. `SystemCallError` when the process may not open
  ///   more files.
  public init(
    socket: ListeningSocket, configuration: DaemonConfiguration,
    handler: @escaping @Sendable (borrowing Request) -> Reply
  ) throws {
    service = try Service(configuration: configuration, handler: handler)
    // Unretained: the daemon keeps the service and is stopped before either goes away.
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

  /// The limit for libmicrohttpd, which gives each of its threads an even part of it and then lets clients wait unheard.
  ///
  /// The threads do not share connections evenly, so each may take all that our own limits allow.
  private static func ceiling(_ configuration: DaemonConfiguration) -> Int {
    (configuration.connectionLimit + configuration.spareConnections + 1)
      * max(2, configuration.threads)
  }

  /// Requests that were handed to us since the start.
  public var requestCount: Int { service.connections.requestCount }

  /// Connections that are open, those that have left HTTP included.
  public var connectionCount: Int { service.connections.count }

  /// Connections that have left HTTP and were not closed by their owners yet.
  public var upgradedCount: Int { service.upgrades.count }

  /// True from the moment that ``drain(for:clock:)`` was called.
  public var isDraining: Bool { service.isDraining.load(ordering: .relaxed) }

  /// Ends clients that take too long to send a request or to take an answer, until it is cancelled.
  public func endSlowClients(clock: some Clock<Duration>) async throws {
    let pause = min(.seconds(1), service.configuration.headerTimeout / 4)
    while true {
      try await clock.sleep(for: pause)
      endSlowClients(at: Instant.monotonicNow())
    }
  }

  /// The same at a moment on `CLOCK_MONOTONIC`, once.
  func endSlowClients(at now: Int64) { service.endSlowClients(at: now) }

  /// Takes no new connection, tells the open ones to close with their next answer, ends streams, and waits for answers
  /// under way and for the owners of upgraded connections to close them.
  ///
  /// libmicrohttpd drops whatever is still being sent when it stops, so this comes before ``stop()``. It must not be
  /// done by `MHD_quiesce_daemon`, which can abort the process in version 0.9.75.
  ///
  /// - Parameter limit: How long to wait at most. Later replies that are not there by then are cancelled, and one more
  ///   second is for telling their clients so. Upgraded connections that are still open then are shut down, which
  ///   their owners see as an end.
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
    // Once more after the last answer: a request may have been on its way when the flag was set.
    repeat {
      try? await clock.sleep(for: step)
      waited += step
    } while (service.connections.isAnyBusy || service.upgrades.count > 0) && waited < limit
  }

  /// Closes all connections and ends the threads.
  ///
  /// An upgraded connection that its owner holds even now is closed under it: owners come to their end before.
  ///
  /// See MHD_stop_daemon(3).
  public func stop() {
    let address = handle.withLock { handle in
      defer { handle = nil }
      return handle
    }
    guard let address, let daemon = unsafe OpaquePointer(bitPattern: address) else { return }
    // A connection that is still suspended then would abort the process.
    service.streams.close()
    service.deferrals.close()
    service.upgrades.abandon()
    closeConnections()
    unsafe MHD_stop_daemon(daemon)
  }

  /// Closes all connections, and waits for that for a second at most.
  ///
  /// Version 0.9.75 crashes if it refuses a request by itself once its stop has begun: `MHD_queue_response` then takes no
  /// response, and the next step reads it.
  private func closeConnections() {
    service.isDraining.store(true, ordering: .sequentiallyConsistent)
    let end = Instant.monotonicNow() + 1_000_000_000
    while service.isConnecting || service.connections.endAll() > 0, Instant.monotonicNow() < end {
      Instant.sleep(untilMonotonic: Instant.monotonicNow() + 1_000_000)
    }
  }

  /// libmicrohttpd could not start.
  public struct StartError: Error, CustomStringConvertible {
    public let description = "libmicrohttpd could not start its threads"
  }
}

extension MHD_OptionItem {
  /// An option whose value is a number.
  fileprivate init(_ option: MHD_OPTION, _ value: Int) {
    unsafe self.init(option: option, value: value, ptr_value: nil)
  }
}
