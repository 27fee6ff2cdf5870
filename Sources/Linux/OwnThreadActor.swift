import Dispatch

/// Runs the jobs of one actor, one after the other, outside the pool that all other tasks share.
///
/// Reads of /proc block; on the shared pool, which has one thread per CPU, they would hold up everyone else.
public final class SerialQueueExecutor: SerialExecutor {
  private let queue: DispatchQueue

  /// - Parameter label: Names the queue in debuggers.
  public init(label: String) {
    queue = DispatchQueue(label: label)
  }

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { unsafe job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }

  /// Runs work that is no job of an actor's, after what was given to it before.
  public func run(_ work: @escaping @Sendable () -> Void) {
    queue.async(execute: work)
  }
}

/// An actor whose methods may block, because they run on an executor of their own.
public protocol OwnThreadActor: Actor {
  nonisolated var executor: SerialQueueExecutor { get }
}

extension OwnThreadActor {
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }
}
