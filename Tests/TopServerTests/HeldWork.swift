import Synchronization

/// Work that a test runs later.
final class HeldWork: Sendable {
  private let works = Mutex<[@Sendable () -> Void]>([])

  func add(_ work: @escaping @Sendable () -> Void) { works.withLock { $0.append(work) } }

  /// Runs the work added so far and forgets it, since it may own the object that adds work here.
  func run() {
    let works = works.withLock { works in
      defer { works = [] }
      return works
    }
    for work in works { work() }
  }
}
