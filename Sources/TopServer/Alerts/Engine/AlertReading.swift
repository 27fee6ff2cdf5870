import ProcFS

/// What a rule finds in one snapshot.
struct AlertReading: Sendable, Equatable {
  /// `nil` when the snapshot does not have it.
  var value: Double?
  /// Of what the value is, where the rule leaves that open; why there is none, where there is none.
  var note: String?
  /// The process that a rule for a pid is about.
  var process: ProcessIdentity?
}

extension AlertMetric {
  /// Looks the value up.
  ///
  /// - Parameter process: The one that a rule for a pid has found before.
  func reading(_ snapshot: Snapshot, bound process: ProcessIdentity? = nil) -> AlertReading {
    switch self {
    case .measure(let measure):
      measure.read(snapshot).map { AlertReading(value: $0) }
        ?? AlertReading(note: measure.missing(snapshot))
    case .process(.named(let name)):
      Self.reading(of: snapshot.processes.filter { $0.name == name })
    case .process(.pid(let pid)):
      Self.reading(of: pid, in: snapshot, bound: process)
    case .disk(let mount):
      snapshot.machine.reading(ofFileSystemAt: mount)
    case .silence:
      AlertReading()
    }
  }

  /// Processes that are not there use nothing; of one that was just seen nothing is known yet.
  private static func reading(of rows: [ProcessRow]) -> AlertReading {
    let known = rows.compactMap { $0.recent?.total }
    guard rows.isEmpty || !known.isEmpty else {
      return AlertReading(note: "there is one sample of it only")
    }
    return AlertReading(value: known.reduce(0, +))
  }

  /// A pid that another process has now is not the process that was meant.
  private static func reading(
    of pid: Int32, in snapshot: Snapshot, bound: ProcessIdentity?
  ) -> AlertReading {
    let rows = snapshot.processes.filter { $0.identity.pid == pid }
    let identity = bound ?? rows.first?.identity
    var reading = reading(of: rows.filter { $0.identity == identity })
    reading.process = identity
    return reading
  }
}
