import Linux
import ProcFS
import Synchronization

/// Finds out who is behind each process, on its own thread.
///
/// The files can hang, since the arguments are in the memory of the process. So the sampler hands over the processes of
/// each sweep and takes what is known, and waits for new processes only for ``patience``, and not at all while the
/// thread is late. When one process has not answered for ``stallTime``, another thread continues with the others, and
/// that process is read again only after it has answered.
final class IdentityWatch: Sendable {
  /// How long a sample waits for the readings of new processes.
  static let patience = Duration.milliseconds(20)
  /// The same for the first sample.
  static let patienceAtStart = Duration.milliseconds(500)
  /// Nanoseconds after which a process that has not answered counts as stalled.
  static let stallTime: Int64 = 2_000_000_000
  /// The maximum number of threads that may hang; beyond that, nothing is read until one of them has an answer.
  static let mostStalled = 4

  /// Reads one process; may block.
  typealias Reader = (IdentityErrand) -> IdentityReading
  /// Checks groups; may block.
  typealias Checker = ([GroupCheck.Group]) -> [GroupCheck.Result]

  private struct Population {
    var processes: [ProcessEntry]
    var number: UInt64
    /// Whether the pids are those of our own namespace, which the lists of groups have.
    var pidsAreOurs: Bool
  }

  private struct State {
    var book: IdentityBook
    var thread = IdentityWatch.makeThread()
    var newest: Population?
    /// The number of populations so far.
    var number: UInt64 = 0
    /// The sample after which the thread was late; `nil` if it was not.
    var lateSince: UInt64?
    /// The number of the worker that goes on; others hang.
    var worker = 0
    var isWorking = false
    var asking: (identity: ProcessIdentity, since: Int64)?
    var stalled = 0
    var checkedAt: Int64?
  }

  private let state: Mutex<State>
  /// The number of the population whose new processes have been read.
  private let done = Milestone()
  private let makeReader: @Sendable () -> Reader
  private let check: @Sendable ([GroupCheck.Group]) -> [GroupCheck.Result]
  private let now: @Sendable () -> Int64

  convenience init(_ procfs: ProcFS, commandLines: CommandLines) {
    self.init(
      commandLines: commandLines,
      makeReader: {
        var files = IdentityFiles(procfs)
        return { IdentityReading.of($0, &files) }
      },
      check: { groups in
        let lists = GroupLists(procfs)
        return GroupCheck.run(groups) { lists.processes(of: $1, in: $0) }
      })
  }

  /// - Parameters:
  ///   - makeReader: Makes what one thread reads with.
  ///   - check: Compares the lists of groups.
  ///   - now: Nanoseconds on a monotonic clock.
  init(
    commandLines: CommandLines, makeReader: @escaping @Sendable () -> Reader,
    check: @escaping @Sendable ([GroupCheck.Group]) -> [GroupCheck.Result] = { _ in [] },
    now: @escaping @Sendable () -> Int64 = Instant.monotonicNow
  ) {
    state = Mutex(State(book: IdentityBook(commandLines: commandLines)))
    (self.makeReader, self.check, self.now) = (makeReader, check, now)
  }

  private static func makeThread() -> SerialQueueExecutor {
    SerialQueueExecutor(label: "identities")
  }

  // MARK: - On the sampler's thread

  /// Hands over the processes of a sweep; returns at once.
  func follow(_ sweep: ProcessSweep) {
    let now = now()
    let start: (thread: SerialQueueExecutor, worker: Int)? = state.withLock { state in
      state.number += 1
      state.newest = Population(
        processes: sweep.processes, number: state.number, pidsAreOurs: sweep.slowReason == nil)
      if state.isWorking {
        guard let asking = state.asking, now - asking.since >= Self.stallTime,
          state.stalled < Self.mostStalled
        else { return nil }
        state.book.hold(asking.identity)
        state.asking = nil
        state.stalled += 1
        state.thread = Self.makeThread()
      }
      state.isWorking = true
      state.worker += 1
      return (state.thread, state.worker)
    }
    if let start { start.thread.run { self.work(start.worker) } }
  }

  /// Passes on what is known, after the new processes of the last ``follow(_:)`` have been read or the time is over.
  func use(_ body: (IdentityBook) -> Void) {
    let (number, mayWait) = state.withLock { state in
      (state.number, state.lateSince.map { done.reached >= $0 } ?? true)
    }
    if mayWait {
      let isDone = done.wait(
        for: number, atMost: number == 1 ? Self.patienceAtStart : Self.patience)
      state.withLock { $0.lateSince = isDone ? nil : number }
    }
    state.withLock { body($0.book) }
  }

  // MARK: - On the own thread

  private func work(_ worker: Int) {
    let read = makeReader()
    while let population = state.withLock({ takePopulation(&$0, worker) }) {
      guard readAll(read, worker, isFresh: true) else { return }
      done.raise(to: population.number)
      guard readAll(read, worker, isFresh: false) else { return }
      guard population.pidsAreOurs, isTimeToCheck() else { continue }
      checkGroups()
      guard readAll(read, worker, isFresh: false) else { return }
    }
  }

  private func takePopulation(_ state: inout State, _ worker: Int) -> Population? {
    guard worker == state.worker else { return nil }
    guard let population = state.newest else {
      state.isWorking = false
      return nil
    }
    state.newest = nil
    state.book.follow(population.processes, at: now())
    return population
  }

  /// - Returns: false if another worker continues.
  private func readAll(_ read: Reader, _ worker: Int, isFresh: Bool) -> Bool {
    while true {
      guard let errand = state.withLock({ nextErrand(&$0, isFresh: isFresh) }) else { return true }
      let reading = read(errand)
      let time = now()
      let isCurrent = state.withLock { state in
        state.book.learn(reading, for: errand, at: time)
        guard worker == state.worker else {
          state.stalled -= 1
          return false
        }
        state.asking = nil
        return true
      }
      guard isCurrent else { return false }
    }
  }

  private func nextErrand(_ state: inout State, isFresh: Bool) -> IdentityErrand? {
    // If there is a newer sweep, its new processes go first, and the rest is planned again.
    guard isFresh || state.newest == nil else { return nil }
    let errand = state.book.next(isFresh: isFresh)
    state.asking = errand.map { ($0.identity, now()) }
    return errand
  }

  private func isTimeToCheck() -> Bool {
    let now = now()
    return state.withLock { state in
      // The first readings are as good as a check.
      let before = state.checkedAt ?? now
      guard now - before >= GroupCheck.period else {
        state.checkedAt = before
        return false
      }
      state.checkedAt = now
      return true
    }
  }

  private func checkGroups() {
    let begin = now()
    let groups = state.withLock { state in
      state.book.checkExecutables()
      return state.book.groupsToCheck()
    }
    guard !groups.isEmpty else { return }
    let results = check(groups)
    state.withLock { $0.book.settle(results, from: begin) }
  }
}
