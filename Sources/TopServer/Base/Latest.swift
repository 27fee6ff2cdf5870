import Synchronization

/// The newest value, for readers that must not block.
///
/// The writer builds the value outside the lock and swaps a pointer inside it. libmicrohttpd's threads read values this
/// way, so they never wait for an actor.
final class Latest<Value: Sendable>: Sendable {
  private let storage: Mutex<Value>

  init(_ value: Value) {
    storage = Mutex(value)
  }

  var value: Value { storage.withLock { $0 } }

  func publish(_ value: Value) {
    // Release the old value after the lock, since freeing it may take long.
    var value = value
    storage.withLock { swap(&$0, &value) }
  }

  /// Changes the value in place.
  ///
  /// - Returns: The changed value.
  @discardableResult
  func update(_ change: (inout Value) -> Void) -> Value {
    storage.withLock { value in
      change(&value)
      return value
    }
  }
}
