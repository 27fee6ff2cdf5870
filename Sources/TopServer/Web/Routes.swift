import MicroHTTPD

/// All routes of the server.
///
/// Read this first.
struct Routes: Sendable {
  let cpuUsage: DocumentRoute<AnswerEncoder>
  let system: DocumentRoute<AnswerEncoder>
  let pastTable: PastTableRoute
  let history: HistoryRoute
  let explain: ExplainRoute
  let processHistory: ProcessHistoryRoute
  let getStats: GetStatsRoute
  let recorder: RecorderRoutes
  let alerts: AlertsRoute
  let hosts: DocumentRoute<FleetEncoder>
  let agents: AgentRoute
  let events: EventRoute
  let health: HealthRoutes
  let files: StaticFiles
  let counts: RequestCounts

  /// Answers a request; it runs on libmicrohttpd's threads and never waits.
  func answer(_ request: borrowing Request) -> Reply {
    counts.add(path: request.path)
    return switch request.path {
    case "/cpu_usage":
      reading(request, PastTableRoute.matches(request) ? pastTable.answer : cpuUsage.answer)
    case "/system": reading(request, system.answer)
    case "/history": reading(request, history.answer)
    case "/explain": reading(request, explain.answer)
    case "/process_history": reading(request, processHistory.answer)
    case "/get_stats": reading(request, getStats.answer)
    case "/alerts": reading(request, alerts.answer)
    case "/hosts": reading(request, hosts.answer)
    case "/events": reading(request, events.answer)
    case "/webservices/cpu/", "/webservices/cpu": agents.answer(request)
    case "/start": recorder.start(request)
    case "/stop": recorder.stop(request)
    case "/": reading(request) { _ in Self.toStats }
    case "/livez": reading(request, health.live)
    case "/readyz": reading(request, health.ready)
    default:
      if let file = files[request.path] { reading(request, file.answer) } else { Self.notFound }
    }
  }

  /// Answers methods that only read, and rejects others.
  private func reading(_ request: borrowing Request, _ handler: (borrowing Request) -> Reply)
    -> Reply
  {
    request.method == "GET" || request.method == "HEAD" ? handler(request) : Self.readOnly
  }

  /// Relative, so that it works behind a proxy with a path prefix.
  private static let toStats = Reply(
    .make(
      status: 307, type: "text/plain; charset=utf-8", headers: [.init("Location", "stats")],
      body: Array("See stats\n".utf8)))
  private static let notFound = Reply(
    Problem(
      status: 404,
      detail: "there is no such route; try /stats in a browser, /cpu_usage or /system for JSON"
    ).response())
  private static let readOnly = Reply(
    Problem(status: 405, detail: "this route answers GET and HEAD").response(headers: [
      .init("Allow", "GET, HEAD")
    ]))
}

extension Routes {
  /// The parameters of each route that reads its query; other routes ignore it.
  static let parameters: [(path: String, parameters: QueryParameters)] = [
    ("/cpu_usage", CPUUsageQuery.parameters), ("/system", .empty),
    ("/history", HistoryQuery.parameters), ("/explain", ExplainRoute.parameters),
    ("/process_history", ProcessHistoryRoute.parameters), ("/get_stats", .empty),
    ("/alerts", AlertsRoute.parameters), ("/hosts", FleetQuery.parameters),
    ("/events", EventRoute.parameters), ("/webservices/cpu/", .empty),
  ]
}
