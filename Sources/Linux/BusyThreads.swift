import Glibc
import Synchronization

/// Threads that only burn CPU time, for testing tools that watch the CPU.
public struct BusyThreads: Sendable {
  private let work: Work
  private var threads: [pthread_t] = []

  /// Starts `count` threads.
  ///
  /// See pthread_create(3).
  ///
  /// - Parameter name: The thread name that other programs see, at most 15 bytes.
  /// - Throws: The reason if a thread cannot be started; all threads are stopped in that case.
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

  /// Ends the threads and waits until they have ended.
  public func stop() {
    work.isOver.store(true, ordering: .relaxed)
    for thread in threads { _ = pthread_join(thread, nil) }
  }
}

/// The loop that each thread runs until `isOver` is set.
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

/// The `start_routine` of pthread_create(3).
///
/// It consumes the reference that the caller retained.
private func runWork(_ data: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let data = unsafe data {
    unsafe Unmanaged<Work>.fromOpaque(data).takeRetainedValue().run()
  }
  return nil
}
