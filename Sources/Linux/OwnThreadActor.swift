import Dispatch

/// Runs the jobs of one actor in sequence on a dispatch queue, outside Swift's shared pool.
///
/// Reads of /proc block. The shared pool has one thread per CPU, so they would delay all other tasks there.
public final class SerialQueueExecutor: SerialExecutor {
  private let queue: DispatchQueue

  /// - Parameter label: The queue's name in debuggers.
  public init(label: String) {
    queue = DispatchQueue(label: label)
  }

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { unsafe job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }

  /// Runs work that is not an actor's job, after all jobs enqueued before it.
  public func run(_ work: @escaping @Sendable () -> Void) {
    queue.async(execute: work)
  }
}

/// An actor whose methods may block, because it has its own executor.
public protocol OwnThreadActor: Actor {
  nonisolated var executor: SerialQueueExecutor { get }
}

extension OwnThreadActor {
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }
}
