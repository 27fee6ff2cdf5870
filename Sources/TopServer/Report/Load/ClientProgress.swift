import Synchronization

/// What a client has done so far, for whoever looks while it runs.
final class ClientProgress: Sendable {
  private let answered = Atomic(0)
  private let failed = Atomic(0)

  var answers: Int { answered.load(ordering: .relaxed) }
  var failures: Int { failed.load(ordering: .relaxed) }

  func addAnswer() { answered.add(1, ordering: .relaxed) }
  func addFailure() { failed.add(1, ordering: .relaxed) }
}
