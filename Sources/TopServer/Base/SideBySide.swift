/// Pieces of work that run next to each other, and none of which ends another.
enum SideBySide {
  /// Returns when all have ended; one that throws ends alone.
  ///
  /// When the caller is cancelled, so is each of them.
  static func run(_ pieces: [@Sendable () async throws -> Void]) async {
    await withThrowingTaskGroup(of: Void.self) { group in
      for piece in pieces { group.addTask { try await piece() } }
      // A cancelled piece ends with an error, which is its normal end.
      while let result = await group.nextResult() { _ = result }
    }
  }
}

extension Task where Success == Void, Failure == Never {
  /// Waits for the end of the task, but not longer than a time.
  ///
  /// A task group would wait for all of its members; a write to a disk that hangs cannot be cancelled.
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
