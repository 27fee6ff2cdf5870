import Linux
import ProcFS

/// Decides when to query each file system, and keeps the answers; it does no I/O.
///
/// A round lists the file systems and queries one after the other. One worker runs at a time. When a file system keeps
/// a worker waiting, a new worker continues with the rest. The blocked file system is queried again only after it has
/// answered, so it never blocks more than one worker.
struct ProbeRounds: Sendable {
  /// Nanoseconds from one round to the next.
  static let period: Int64 = 10_000_000_000
  /// Nanoseconds after which a file system that has not answered counts as stalled.
  static let patience: Int64 = 2_000_000_000
  /// The limit of mount points for each file system, the shortest first: containers may mount one thousands of times.
  static let mountPointsKept = 1000

  /// The mount point and space of a file system.
  struct Answer: Sendable, Equatable {
    var mountPoint: String
    var space: FileSystemSpace
  }

  /// A worker to start.
  struct Worker: Sendable, Equatable {
    var number: Int
    /// Whether the worker begins with a new listing.
    var lists: Bool
  }

  private enum Activity: Equatable {
    case resting
    /// A worker was started and is listing, or has not begun yet.
    case starting
    case asking(String, since: Int64)
  }

  private var activity = Activity.resting
  private var worker = 0
  private var nextRound = Int64.min
  private var listed: [RealFileSystem] = []
  /// The mount points of each listed file system, as text.
  private var places: [[String]] = []
  private var waiting: ArraySlice<RealFileSystem> = []
  /// By device number.
  private var answers: [String: Answer] = [:]
  /// The device numbers of the file systems that block a worker.
  private var stalled: Set<String> = []

  /// The known values in the order of the listing; a file system that has never answered is absent unless it stalled.
  var known: [FileSystemCounters] {
    zip(listed, places).compactMap { system, places in
      let answer = answers[system.deviceNumber]
      let isStalled = stalled.contains(system.deviceNumber)
      guard isStalled || answer != nil else { return nil }
      let mountPoint = answer?.mountPoint ?? places.first ?? ""
      return FileSystemCounters(
        mountPoint: mountPoint, mountPoints: places.count > 1 ? places : [],
        device: system.source, type: system.type, space: answer?.space, isStalled: isStalled,
        isReadOnly: system.isReadOnly)
    }
  }

  /// Checks the clock.
  ///
  /// - Parameter now: Nanoseconds on a monotonic clock.
  /// - Returns: A worker to start, if one is due.
  mutating func tick(at now: Int64) -> Worker? {
    switch activity {
    case .asking(let number, let since) where now - since >= Self.patience:
      stalled.insert(number)
      guard !waiting.isEmpty else {
        activity = .resting
        worker += 1
        return nil
      }
      return start(lists: false)
    case .resting where now >= nextRound:
      nextRound = now + Self.period
      return start(lists: true)
    default:
      return nil
    }
  }

  private mutating func start(lists: Bool) -> Worker {
    activity = .starting
    worker += 1
    return Worker(number: worker, lists: lists)
  }

  /// Replaces the listing; file systems that block a worker are not queued.
  mutating func list(_ systems: [RealFileSystem]) {
    listed = systems
    places = systems.map { system in
      system.paths.prefix(Self.mountPointsKept).map { String(decoding: $0, as: UTF8.self) }
    }
    waiting = systems.filter { !stalled.contains($0.deviceNumber) }[...]
    let numbers = Set(systems.map(\.deviceNumber))
    answers = answers.filter { numbers.contains($0.key) }
  }

  /// The next file system for a worker; `nil` ends the worker, because the round is over or another worker replaced it.
  mutating func next(for worker: Int, at now: Int64) -> RealFileSystem? {
    guard worker == self.worker else { return nil }
    guard let system = waiting.popFirst() else {
      activity = .resting
      return nil
    }
    activity = .asking(system.deviceNumber, since: now)
    return system
  }

  /// Records an answer, even a late one; `nil` means that the file system has no space to report.
  mutating func answer(_ system: RealFileSystem, _ answer: Answer?) {
    stalled.remove(system.deviceNumber)
    guard listed.contains(where: { $0.deviceNumber == system.deviceNumber }) else { return }
    answers[system.deviceNumber] = answer
  }

  /// Ends the round because the worker could not be started.
  mutating func giveUp() {
    activity = .resting
    waiting = []
  }
}
