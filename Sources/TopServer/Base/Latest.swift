import Synchronization

/// The newest value, for readers that may not wait.
///
/// The writer builds it outside the lock; inside, a pointer is exchanged. libmicrohttpd's threads read it this way and
/// never meet an actor.
final class Latest<Value: Sendable>: Sendable {
  private let storage: Mutex<Value>

  init(_ value: Value) {
    storage = Mutex(value)
  }

  var value: Value { storage.withLock { $0 } }

  func publish(_ value: Value) {
    // The old value is let go after the lock, since freeing it may take long.
    var value = value
    storage.withLock { swap(&$0, &value) }
  }

  /// Changes the value where it is.
  ///
  /// - Returns: What it is then.
  @discardableResult
  func update(_ change: (inout Value) -> Void) -> Value {
    storage.withLock { value in
      change(&value)
      return value
    }
  }
}
