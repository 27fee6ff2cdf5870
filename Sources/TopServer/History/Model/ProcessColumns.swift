import ProcFS

/// Names a ``RecordedProcess`` in the history.
typealias ProcessReference = Int64

/// Which processes there were during a block, and what each of them used.
struct ProcessColumns: Sendable, Equatable {
  /// A process that was there before the first point.
  struct Presence: Sendable, Equatable {
    var process: ProcessReference
    var state: ProcessState
  }

  /// A process that appeared, or appeared under another name.
  struct Birth: Sendable, Equatable {
    /// The first point that saw it.
    var point: Int
    var process: ProcessReference
    var state: ProcessState
    /// Whether it had used CPU before that nobody saw.
    var isOld = false
    /// Whether it was there before under another name, owner or parent.
    var isRename = false
  }

  /// A process that went away, or goes on under another name.
  struct End: Sendable, Equatable {
    /// The first point that did not see it any more.
    var point: Int
    var process: ProcessReference
    /// Whether it goes on under another name, owner or parent.
    var isRename = false
  }

  /// What a process did until one point since the point before, if it did anything.
  struct Activity: Sendable, Equatable {
    var point: Int
    /// Hundredths of a second.
    var user: Int64 = 0
    var system: Int64 = 0
    /// The same of children that ended and were waited for.
    var childrenUser: Int64 = 0
    var childrenSystem: Int64 = 0
    /// At that point.
    var state: ProcessState
  }

  var present: [Presence] = []
  var born: [Birth] = []
  var ended: [End] = []
  var activity: [ProcessReference: [Activity]] = [:]

  /// A process that appeared or went away.
  enum Change: Sendable, Equatable {
    case born(Birth)
    case ended(End)
  }

  /// Who appeared and who went away, point by point.
  ///
  /// What does both at one point came and went; at each point those that appeared come first.
  var changes: [(point: Int, change: Change)] {
    let births = born.map { (point: $0.point, order: 0, change: Change.born($0)) }
    let ends = ended.map { (point: $0.point, order: 1, change: Change.ended($0)) }
    return (births + ends).sorted { ($0.point, $0.order) < ($1.point, $1.order) }
      .map { ($0.point, $0.change) }
  }
}

/// What is known of a process for as long as it has one name, one owner and one parent.
struct RecordedProcess: Sendable, Equatable {
  var reference: ProcessReference
  var identity: ProcessIdentity
  /// Tells boots apart, since start times count from there.
  var bootID: String
  /// Milliseconds since the epoch.
  var startTime: Int64
  var name: String
  var uid: UInt32
  var parentPID: Int32
  var isKernelThread: Bool
}
