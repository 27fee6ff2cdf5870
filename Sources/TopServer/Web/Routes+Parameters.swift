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
