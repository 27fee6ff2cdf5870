import Glibc
import Synchronization

/// Threads that do nothing but use the CPU, for tests of those who watch it.
public struct BusyThreads: Sendable {
  private let work: Work
  private var threads: [pthread_t] = []

  /// Starts so many threads.
  ///
  /// See pthread_create(3).
  ///
  /// - Parameter name: What other programs see them called, in 15 bytes at most.
  /// - Throws: the reason when one of them cannot be started; then none runs.
  public init(_ count: Int, name: String) throws(SystemCallError) {
    work = Work(name: name)
    for _ in 0..<count {
      var thread = pthread_t()
      let data = unsafe Unmanaged.passRetained(work)
      let status = unsafe pthread_create(&thread, nil, runWork, data.toOpaque())
      guard status == 0 else {
        unsafe data.release()
        stop()
        throw SystemCallError(call: "pthread_create", code: status)
      }
      threads.append(thread)
    }
  }

  /// Ends the threads and waits for that.
  public func stop() {
    work.isOver.store(true, ordering: .relaxed)
    for thread in threads { _ = pthread_join(thread, nil) }
  }
}

/// What each of the threads does until it is over.
private final class Work: Sendable {
  let isOver = Atomic(false)
  private let name: String

  init(name: String) {
    self.name = name
  }

  func run() {
    CommandName.setForThread(name)
    while !isOver.load(ordering: .relaxed) {}
  }
}

/// Feeds the `start_routine` of pthread_create(3); takes the reference over that was passed with it.
private func runWork(_ data: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let data = unsafe data {
    unsafe Unmanaged<Work>.fromOpaque(data).takeRetainedValue().run()
  }
  return nil
}
