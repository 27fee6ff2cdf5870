import Synchronization

/// What became of questions about the past, for `/system`.
final class QuestionCounts: Sendable {
  /// The counts at one moment.
  struct Reading: Sendable, Equatable {
    /// Questions that wait for their turn now.
    var waiting: Int64 = 0
    /// Questions that were refused since too many waited.
    var refused: Int64 = 0
    /// Questions whose clients went away before they had an answer.
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
