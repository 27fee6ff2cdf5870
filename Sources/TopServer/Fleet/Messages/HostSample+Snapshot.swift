import Linux
import ProcFS

extension HostSample {
  /// The sample of a snapshot.
  ///
  /// - Parameter userName: Returns the login name of a user id.
  init(
    _ snapshot: Snapshot, host: String, run: String, sequence: UInt64,
    userName: (UInt32) -> String?
  ) {
    self.init(host: host, run: run, sequence: sequence, time: snapshot.time.wall)
    agent = Version.text
    interval = snapshot.interval
    numbers = AgentNumbers(snapshot)
    processes = Self.hottest(snapshot.processes).map { row, cpu in
      TopProcess(pid: row.identity.pid, name: row.name, user: userName(row.uid), cpu: cpu)
    }
  }

  /// The processes with the most CPU use since the previous sweep, without idle ones.
  private static func hottest(_ rows: [ProcessRow]) -> [(row: ProcessRow, cpu: Double)] {
    var best: [(row: ProcessRow, cpu: Double)] = []
    for row in rows {
      guard let cpu = row.recent?.total, cpu > 0 else { continue }
      guard best.count < mostProcesses || cpu > best[best.count - 1].cpu else { continue }
      // Rows are in order of pid, and ties keep that order.
      best.insert((row, cpu), at: best.firstIndex { $0.cpu < cpu } ?? best.count)
      if best.count > mostProcesses { best.removeLast() }
    }
    return best
  }
}
