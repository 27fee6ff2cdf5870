extension DetachedThread {
  /// Runs blocking work on a new thread and returns its result, without blocking a thread of Swift's pool.
  ///
  /// - Parameter name: The thread name that top(1) shows, at most 15 bytes.
  public static func value<Value: Sendable>(
    named name: String, of body: @escaping @Sendable () -> Value
  ) async throws(SystemCallError) -> Value {
    let result: Result<Value, SystemCallError> = await withCheckedContinuation { continuation in
      do throws(SystemCallError) {
        try start(named: name) { continuation.resume(returning: .success(body())) }
      } catch {
        continuation.resume(returning: .failure(error))
      }
    }
    return try result.get()
  }
}
