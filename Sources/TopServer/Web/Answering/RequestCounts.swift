import Synchronization

/// Counts the requests of `/cpu_usage`, of `/system` and of all other paths, for `/system` and for comparison with a load generator.
///
/// It excludes requests that were refused before they reached a route.
final class RequestCounts: Sendable {
  /// The counts at one moment.
  struct Reading: Sendable, Equatable {
    var cpuUsage: Int64 = 0
    var system: Int64 = 0
    var other: Int64 = 0
    var questions = QuestionCounts.Reading()
  }

  /// The counts of queries about the past.
  let questions = QuestionCounts()

  private let cpuUsage = Atomic<Int64>(0)
  private let system = Atomic<Int64>(0)
  private let other = Atomic<Int64>(0)

  func add(path: String) {
    switch path {
    case "/cpu_usage": cpuUsage.add(1, ordering: .relaxed)
    case "/system": system.add(1, ordering: .relaxed)
    default: other.add(1, ordering: .relaxed)
    }
  }

  var now: Reading {
    Reading(
      cpuUsage: cpuUsage.load(ordering: .relaxed), system: system.load(ordering: .relaxed),
      other: other.load(ordering: .relaxed), questions: questions.now)
  }
}

/// Counts the results of queries about the past, for `/system`.
final class QuestionCounts: Sendable {
  /// The counts at one moment.
  struct Reading: Sendable, Equatable {
    /// Questions that are waiting now.
    var waiting: Int64 = 0
    /// Questions that were refused because too many waited.
    var refused: Int64 = 0
    /// Questions whose clients left before the answer.
    var cancelled: Int64 = 0
  }

  private let waiting = Atomic<Int64>(0)
  private let refused = Atomic<Int64>(0)
  private let cancelled = Atomic<Int64>(0)

  func addWaiting(_ change: Int64) { waiting.add(change, ordering: .relaxed) }
  func addRefused() { refused.add(1, ordering: .relaxed) }
  func addCancelled() { cancelled.add(1, ordering: .relaxed) }

  var now: Reading {
    Reading(
      waiting: waiting.load(ordering: .relaxed), refused: refused.load(ordering: .relaxed),
      cancelled: cancelled.load(ordering: .relaxed))
  }
}
