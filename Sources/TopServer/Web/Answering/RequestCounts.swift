import Synchronization

/// How many requests each route has had, for `/system` and for whoever compares it with what was sent.
///
/// What the guard refuses reaches no route and is not among them.
final class RequestCounts: Sendable {
  /// The counts at one moment.
  struct Reading: Sendable, Equatable {
    var cpuUsage: Int64 = 0
    var system: Int64 = 0
    var other: Int64 = 0
    var questions = QuestionCounts.Reading()
  }

  /// What became of those that are about the past.
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
