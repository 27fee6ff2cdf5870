import ProcFS

/// Identifies a ``RecordedProcess`` in the history.
typealias ProcessReference = Int64

/// The processes that existed during a block, and their CPU use.
struct ProcessColumns: Sendable, Equatable {
  /// A process that existed before the first point.
  struct Presence: Sendable, Equatable {
    var process: ProcessReference
    var state: ProcessState
  }

  /// A process that appeared, or that continues under another name.
  struct Birth: Sendable, Equatable {
    /// The first point at which it existed.
    var point: Int
    var process: ProcessReference
    var state: ProcessState
    /// Whether it had used CPU time before it was first seen.
    var isOld = false
    /// Whether it existed before under another name, owner or parent.
    var isRename = false
  }

  /// A process that exited, or that continues under another name.
  struct End: Sendable, Equatable {
    /// The first point at which it no longer existed.
    var point: Int
    var process: ProcessReference
    /// Whether it continues under another name, owner or parent.
    var isRename = false
  }

  /// The CPU use of a process between the previous point and this one, stored only if there was any.
  struct Activity: Sendable, Equatable {
    var point: Int
    /// Hundredths of a second of CPU time.
    var user: Int64 = 0
    var system: Int64 = 0
    /// Hundredths of a second of children that exited and were waited for.
    var childrenUser: Int64 = 0
    var childrenSystem: Int64 = 0
    /// The state at that point.
    var state: ProcessState
  }

  var present: [Presence] = []
  var born: [Birth] = []
  var ended: [End] = []
  var activity: [ProcessReference: [Activity]] = [:]

  /// A process that appeared or exited.
  enum Change: Sendable, Equatable {
    case born(Birth)
    case ended(End)
  }

  /// All births and ends in order of their points.
  ///
  /// At each point births come first, so a process with both at one point appeared and exited.
  var changes: [(point: Int, change: Change)] {
    let births = born.map { (point: $0.point, order: 0, change: Change.born($0)) }
    let ends = ended.map { (point: $0.point, order: 1, change: Change.ended($0)) }
    return (births + ends).sorted { ($0.point, $0.order) < ($1.point, $1.order) }
      .map { ($0.point, $0.change) }
  }
}

/// The facts about a process while it has one name, one owner and one parent.
struct RecordedProcess: Sendable, Equatable {
  var reference: ProcessReference
  var identity: ProcessIdentity
  /// Distinguishes boots, since start times count from boot.
  var bootID: String
  /// Milliseconds since the epoch.
  var startTime: Int64
  var name: String
  var uid: UInt32
  var parentPID: Int32
  var isKernelThread: Bool
}
