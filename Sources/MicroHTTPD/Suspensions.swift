import Synchronization

/// Something that may keep a connection suspended.
protocol Suspension: AnyObject, Sendable {
  /// Lets the connection go on to its end, and never suspends it again.
  func end()
}

/// All that may keep a connection suspended, until no more of it is allowed.
///
/// libmicrohttpd aborts the process when it is stopped while a connection is suspended. An item that finds this closed
/// must end at once; a worker that does so has resumed its connection before libmicrohttpd waits for the worker.
final class Suspensions<Item: Suspension>: Sendable {
  /// `nil` once it was closed.
  private let open = Mutex<[ObjectIdentifier: Item]?>([:])

  /// - Returns: False when it is closed.
  func add(_ item: Item) -> Bool {
    open.withLock { items in
      items?[ObjectIdentifier(item)] = item
      return items != nil
    }
  }

  func remove(_ item: Item) {
    open.withLock { items in _ = items?.removeValue(forKey: ObjectIdentifier(item)) }
  }

  /// All of it; none once it was closed.
  var all: [Item] { open.withLock { $0.map { Array($0.values) } ?? [] } }

  var count: Int { open.withLock { $0?.count ?? 0 } }

  /// Ends all of it.
  ///
  /// The lock is held meanwhile: a thread that finds it closed can rely on everything having ended.
  ///
  /// - Returns: How many there were.
  @discardableResult
  func close() -> Int {
    open.withLock { items in
      defer { items = nil }
      for item in (items ?? [:]).values { item.end() }
      return items?.count ?? 0
    }
  }
}
