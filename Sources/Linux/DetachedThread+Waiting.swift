extension DetachedThread {
  /// Runs work that blocks on a thread of its own and waits for what it gives, without holding a thread of the pool.
  ///
  /// - Parameter name: What top(1) shows of it, 15 bytes at most.
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
