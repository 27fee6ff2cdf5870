import Synchronization

/// An object that may keep a connection suspended.
protocol Suspension: AnyObject, Sendable {
  /// Resumes the connection so that it ends, and never suspends it again.
  func end()
}

/// All objects that may keep a connection suspended.
///
/// libmicrohttpd aborts the process if it is stopped while a connection is suspended. After ``close()``, a new item
/// must end at once; the worker that ends it has resumed its connection before libmicrohttpd waits for that worker.
final class Suspensions<Item: Suspension>: Sendable {
  /// The items; `nil` after ``close()``.
  private let open = Mutex<[ObjectIdentifier: Item]?>([:])

  /// - Returns: False after ``close()``.
  func add(_ item: Item) -> Bool {
    open.withLock { items in
      items?[ObjectIdentifier(item)] = item
      return items != nil
    }
  }

  func remove(_ item: Item) {
    open.withLock { items in _ = items?.removeValue(forKey: ObjectIdentifier(item)) }
  }

  /// All items; empty after ``close()``.
  var all: [Item] { open.withLock { $0.map { Array($0.values) } ?? [] } }

  var count: Int { open.withLock { $0?.count ?? 0 } }

  /// Ends all items and rejects new ones.
  ///
  /// The lock is held meanwhile, so a thread that finds this closed can rely on all items having ended.
  ///
  /// - Returns: The number of items.
  @discardableResult
  func close() -> Int {
    open.withLock { items in
      defer { items = nil }
      for item in (items ?? [:]).values { item.end() }
      return items?.count ?? 0
    }
  }
}
