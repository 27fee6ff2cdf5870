import Linux
import ProcFS

/// Who used how much CPU over the last minutes: what suspects are found in.
///
/// A process counts with its children that ended, so that a build belongs to the `make` that ran it. Each slot holds the
/// heaviest only; what others used is too little to be suspect.
struct CPUTrail: Sendable, Equatable {
  /// What one process used in one slot.
  struct Entry: Sendable, Equatable {
    var identity: ProcessIdentity
    var name: String
    var parentPID: Int32
    /// Seconds since the epoch.
    var startTime: Double
    /// Seconds of CPU time.
    var used: Double
  }

  /// A second or more, in which one or more sweeps were.
  struct Slot: Sendable, Equatable {
    /// Nanoseconds since boot at its end.
    var end: Int64
    /// Seconds that were measured.
    var seconds: Double
    /// The heaviest first.
    var entries: [Entry]
  }

  /// What is remembered, in nanoseconds.
  private static let length: Int64 = 600_000_000_000
  private static let entriesInSlot = 64

  private(set) var slots: [Slot] = []

  mutating func add(_ snapshot: Snapshot) {
    guard let interval = snapshot.interval else { return }
    var slot = Slot(
      end: snapshot.time.sinceBoot, seconds: interval,
      entries: snapshot.processes.compactMap { $0.trailEntry(over: interval) })
    // With a short interval the trail would be long; a second is fine enough.
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

  /// What each process used in the slots that ended in a time, and how many seconds those cover.
  func total(after start: Int64, until end: Int64) -> (entries: [Entry], seconds: Double) {
    let meant = slots.filter { $0.end > start && $0.end <= end }
    return (Self.sum(meant.map(\.entries)), meant.reduce(0) { $0 + $1.seconds })
  }

  /// One entry for each process, with the sum of what it used.
  private static func sum(_ slots: [[Entry]]) -> [Entry] {
    var sums: [ProcessIdentity: Entry] = [:]
    for entry in slots.joined() {
      let used = sums[entry.identity]?.used ?? 0
      // The newest name and parent: both may change.
      sums[entry.identity] = entry
      sums[entry.identity]?.used += used
    }
    return Array(sums.values)
  }
}

extension ProcessRow {
  /// What it used since the sweep before, or `nil` when that is nothing or not known.
  fileprivate func trailEntry(over interval: Double) -> CPUTrail.Entry? {
    guard let recent else { return nil }
    let used = (recent.total + (childrenRecent?.total ?? 0)) * interval
    guard used > 0 else { return nil }
    return CPUTrail.Entry(
      identity: identity, name: name, parentPID: parentPID, startTime: startTime, used: used)
  }
}
