import Linux
import ProcFS

/// The CPU use of processes over the last minutes, to find suspects.
///
/// The use of a process includes its ended children, so that a build belongs to the `make` that ran it. Each slot holds
/// only the heaviest processes; the others use too little to be suspects.
struct CPUTrail: Sendable, Equatable {
  /// The CPU use of one process in one slot.
  struct Entry: Sendable, Equatable {
    var identity: ProcessIdentity
    var name: String
    var parentPID: Int32
    /// Seconds since the epoch.
    var startTime: Double
    /// CPU seconds.
    var used: Double
  }

  /// At least a second, with one or more sweeps.
  struct Slot: Sendable, Equatable {
    /// The end of the slot in nanoseconds since boot.
    var end: Int64
    /// Measured seconds.
    var seconds: Double
    /// The heaviest first.
    var entries: [Entry]
  }

  /// The time that the trail covers, in nanoseconds.
  private static let length: Int64 = 600_000_000_000
  private static let entriesInSlot = 64

  private(set) var slots: [Slot] = []

  mutating func add(_ snapshot: Snapshot) {
    guard let interval = snapshot.interval else { return }
    var slot = Slot(
      end: snapshot.time.sinceBoot, seconds: interval,
      entries: snapshot.processes.compactMap { $0.trailEntry(over: interval) })
    // Merge short intervals, since a resolution of a second is enough.
    if let last = slots.last, last.seconds + interval <= 1 {
      slots.removeLast()
      slot.entries = Self.sum([last.entries, slot.entries])
      slot.seconds += last.seconds
    }
    slot.entries.sort { $0.used > $1.used }
    slot.entries.removeLast(max(0, slot.entries.count - Self.entriesInSlot))
    slots.append(slot)
    slots.removeFirst(slots.firstIndex { $0.end > slot.end - Self.length } ?? 0)
  }

  /// The CPU use of each process in the slots that ended within a time range, and the seconds that these slots cover.
  func total(after start: Int64, until end: Int64) -> (entries: [Entry], seconds: Double) {
    let meant = slots.filter { $0.end > start && $0.end <= end }
    return (Self.sum(meant.map(\.entries)), meant.reduce(0) { $0 + $1.seconds })
  }

  /// Adds up the use of each process.
  private static func sum(_ slots: [[Entry]]) -> [Entry] {
    var sums: [ProcessIdentity: Entry] = [:]
    for entry in slots.joined() {
      let used = sums[entry.identity]?.used ?? 0
      // Keep the newest name and parent, since both may change.
      sums[entry.identity] = entry
      sums[entry.identity]?.used += used
    }
    return Array(sums.values)
  }
}

extension ProcessRow {
  /// The CPU use since the previous sweep, or `nil` when it is zero or unknown.
  fileprivate func trailEntry(over interval: Double) -> CPUTrail.Entry? {
    guard let recent else { return nil }
    let used = (recent.total + (childrenRecent?.total ?? 0)) * interval
    guard used > 0 else { return nil }
    return CPUTrail.Entry(
      identity: identity, name: name, parentPID: parentPID, startTime: startTime, used: used)
  }
}
