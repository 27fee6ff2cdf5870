/// Brings the averages of rows to one length of time, so that they can be added up.
///
/// A process that is 5 seconds old has an average over 5 seconds. Its part of the whole window is that average times
/// 5 s ÷ 60 s. Sums of such parts agree with the ledger.
struct WindowWeight: Sendable {
  /// Seconds that a full average covers.
  let window: Double?

  init(_ snapshot: Snapshot) { window = snapshot.window }

  /// The part of the window that the averages of a row cover, from 0 to 1.
  func callAsFunction(_ row: ProcessRow) -> Double {
    guard let window, window > 0, let covered = row.window else { return 1 }
    return min(1, covered / window)
  }

  /// What a process and its exited children used over the window, in CPUs; `nil` if both are unknown.
  func cpu(_ row: ProcessRow) -> Double? {
    guard row.average != nil || row.childrenAverage != nil else { return nil }
    return ((row.average?.total ?? 0) + (row.childrenAverage?.total ?? 0)) * self(row)
  }
}
