import ProcFS

/// The value that a rule reads from one snapshot.
struct AlertReading: Sendable, Equatable {
  /// `nil` when the snapshot lacks it.
  var value: Double?
  /// The subject of the value, if the rule does not name one; without a value, the reason why there is none.
  var note: String?
  /// The process that a rule for a pid watches.
  var process: ProcessIdentity?
}

extension AlertMetric {
  /// Reads the value from a snapshot.
  ///
  /// - Parameter process: The process that a rule for a pid found before.
  func reading(_ snapshot: Snapshot, bound process: ProcessIdentity? = nil) -> AlertReading {
    switch self {
    case .measure(let measure):
      measure.read(snapshot).map { AlertReading(value: $0) }
        ?? AlertReading(note: measure.missing(snapshot))
    case .process(.named(let name)):
      Self.reading(of: snapshot.processes.filter { $0.name == name })
    case .process(.matching(let filter)):
      Self.reading(of: filter, in: snapshot)
    case .process(.pid(let pid)):
      Self.reading(of: pid, in: snapshot, bound: process)
    case .disk(let mount):
      snapshot.machine.reading(ofFileSystemAt: mount)
    case .silence:
      AlertReading()
    }
  }

  /// Absent processes use nothing; the use of a process with a single sample is unknown.
  private static func reading(of rows: [ProcessRow]) -> AlertReading {
    let known = rows.compactMap { $0.recent?.total }
    guard rows.isEmpty || !known.isEmpty else {
      return AlertReading(note: "only one sample of it exists")
    }
    return AlertReading(value: known.reduce(0, +))
  }

  private static func reading(of filter: Filter, in snapshot: Snapshot) -> AlertReading {
    do {
      return reading(of: try filter.matching(snapshot.processes, at: snapshot.time))
    } catch {
      return AlertReading(note: "the filter needs too much work: \(error)")
    }
  }

  /// Ignores a reused pid, which belongs to another process.
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
