import Linux
import ProcFS

/// Decides which file system is asked when, and what is known of each; it asks none itself.
///
/// A round lists the file systems and asks one after the other. Each round has a worker; when a file system keeps a worker
/// waiting, a new one goes on with the rest and the old one is left alone. It is asked again only after that answer, so no
/// file system ever holds more than one worker.
struct ProbeRounds: Sendable {
  /// Nanoseconds from one round to the next.
  static let period: Int64 = 10_000_000_000
  /// Nanoseconds after which a file system that did not answer has stalled.
  static let patience: Int64 = 2_000_000_000
  /// Mount points that are kept of one file system, the shortest first: containers may mount one thousands of times.
  static let mountPointsKept = 1000

  /// Where and how large a file system is.
  struct Answer: Sendable, Equatable {
    var mountPoint: String
    var space: FileSystemSpace
  }

  /// A worker that is to be started.
  struct Worker: Sendable, Equatable {
    var number: Int
    /// Whether it lists the file systems first.
    var lists: Bool
  }

  private enum Activity: Equatable {
    case resting
    /// A worker was started and has not taken its work yet, or lists.
    case starting
    case asking(String, since: Int64)
  }

  private var activity = Activity.resting
  private var worker = 0
  private var nextRound = Int64.min
  private var listed: [RealFileSystem] = []
  /// Of each of those, the mount points as text.
  private var places: [[String]] = []
  private var waiting: ArraySlice<RealFileSystem> = []
  /// By device number.
  private var answers: [String: Answer] = [:]
  /// Device numbers of those that hold a worker.
  private var stalled: Set<String> = []

  /// What is known, in the order of the listing; what was never asked or does not answer our kind of question is absent.
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

  /// Looks at the clock.
  ///
  /// - Parameter now: Nanoseconds that never go back.
  /// - Returns: The worker to start, if one is due.
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

  /// Takes the newest listing; those that hold a worker are not asked.
  mutating func list(_ systems: [RealFileSystem]) {
    listed = systems
    places = systems.map { system in
      system.paths.prefix(Self.mountPointsKept).map { String(decoding: $0, as: UTF8.self) }
    }
    waiting = systems.filter { !stalled.contains($0.deviceNumber) }[...]
    let numbers = Set(systems.map(\.deviceNumber))
    answers = answers.filter { numbers.contains($0.key) }
  }

  /// What a worker asks next; `nil` ends it, when the round is over or another one goes on in its place.
  mutating func next(for worker: Int, at now: Int64) -> RealFileSystem? {
    guard worker == self.worker else { return nil }
    guard let system = waiting.popFirst() else {
      activity = .resting
      return nil
    }
    activity = .asking(system.deviceNumber, since: now)
    return system
  }

  /// Takes an answer, however late; `nil` says that there is none to be had.
  mutating func answer(_ system: RealFileSystem, _ answer: Answer?) {
    stalled.remove(system.deviceNumber)
    guard listed.contains(where: { $0.deviceNumber == system.deviceNumber }) else { return }
    answers[system.deviceNumber] = answer
  }

  /// The worker could not be started: the round is over.
  mutating func giveUp() {
    activity = .resting
    waiting = []
  }
}
