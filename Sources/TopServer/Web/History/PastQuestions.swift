import Linux
import MicroHTTPD

/// Queues queries about the past, and lets readers answer them.
///
/// Two lanes have a reader each, so that a cheap query does not wait for one that takes seconds. Each lane makes one
/// answer at a time, which bounds the memory for answers.
struct PastQuestions: Sendable {
  private let cheap: Lane
  private let expensive: Lane

  private struct Lane: Sendable {
    let reader: HistoryReader
    let turns: QuestionLane
  }

  static let cheapLimits = QuestionLane.Limits(total: 256, perClient: 64)
  static let expensiveLimits = QuestionLane.Limits(total: 64, perClient: 16)

  init(_ recorder: Recorder, hostName: String = "", counts: QuestionCounts) {
    func lane(_ label: String, _ limits: QuestionLane.Limits, retryAfter: Int) -> Lane {
      Lane(
        reader: HistoryReader(recorder, hostName: hostName, label: label),
        turns: QuestionLane(limits: limits, retryAfter: retryAfter, counts: counts))
    }
    cheap = lane("history-reader", Self.cheapLimits, retryAfter: 1)
    expensive = lane("history-reader-long", Self.expensiveLimits, retryAfter: 5)
  }

  /// Answers when it is the client's turn; skips work for a client that has left.
  func reply(
    to request: borrowing Request, _ cost: QuestionCost,
    _ answer: @escaping @Sendable (HistoryReader) async throws -> Reply
  ) -> Reply {
    let client = request.addressKey.description
    let lane = cost.isCheap ? cheap : expensive
    return .later {
      await Problem.orReply {
        try await lane.turns.run(for: client) { try await answer(lane.reader) }
      }
    }
  }
}
