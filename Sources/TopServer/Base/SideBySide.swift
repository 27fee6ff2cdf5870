/// Runs pieces of work concurrently; a failure of one does not end the others.
enum SideBySide {
  /// Returns when all pieces have ended.
  ///
  /// Cancelling the caller cancels each of them.
  static func run(_ pieces: [@Sendable () async throws -> Void]) async {
    await withThrowingTaskGroup(of: Void.self) { group in
      for piece in pieces { group.addTask { try await piece() } }
      // A cancelled piece ends with an error, which is its normal end.
      while let result = await group.nextResult() { _ = result }
    }
  }
}

extension Task where Success == Void, Failure == Never {
  /// Waits for the end of the task, up to a limit.
  ///
  /// A task group would wait for all of its members, but a write to a hanging disk cannot be cancelled.
  func ends(within limit: Duration) async -> Bool {
    let (ends, end) = AsyncStream.makeStream(of: Bool.self)
    Task<Void, Never> {
      await value
      end.yield(true)
    }
    Task<Void, Never> {
      try? await Task<Never, Never>.sleep(for: limit)
      end.yield(false)
    }
    for await hasEnded in ends { return hasEnded }
    return false
  }
}
