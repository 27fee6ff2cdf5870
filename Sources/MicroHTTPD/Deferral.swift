import CMicroHTTPD
import Synchronization

/// An answer that is worked on while its connection is suspended.
///
/// Its lock is held while the connection is resumed: once the worker that owns the connection has passed the lock, the
/// resuming thread has left libmicrohttpd, whose memory may be gone a moment later.
final class Deferral: Suspension {
  private enum State {
    /// The address of the connection: a pointer is not Sendable, its address is.
    case suspended(UInt)
    /// The connection was resumed; without a reply when the server had no time left.
    case resumed(Reply?)
  }

  private let state: Mutex<State>
  private let work = Mutex<Task<Void, Never>?>(nil)

  /// - Parameter connection: Is suspended already, and will be resumed exactly once.
  init(suspended connection: OpaquePointer) {
    state = Mutex(.suspended(UInt(bitPattern: connection)))
  }

  /// Begins the work, on threads that are not libmicrohttpd's.
  func start(_ reply: Reply) {
    let task = Task { resume(with: await reply.settled()) }
    work.withLock { $0 = task }
    // It may have been ended before it had something to cancel.
    if isResumed { task.cancel() }
  }

  /// Cancels the work and resumes the connection without a reply.
  func end() {
    resume(with: nil)
    work.withLock { $0 }?.cancel()
  }

  /// What the work came to; for the worker that owns the connection, after it was resumed.
  var reply: Reply? {
    state.withLock { state in
      guard case .resumed(let reply) = state else { return nil }
      return reply
    }
  }

  private var isResumed: Bool {
    state.withLock { state in
      guard case .resumed = state else { return false }
      return true
    }
  }

  /// The first to come decides; the connection must not be resumed twice.
  private func resume(with reply: Reply?) {
    state.withLock { state in
      guard case .suspended(let address) = state else { return }
      state = .resumed(reply)
      unsafe MHD_resume_connection(OpaquePointer(bitPattern: address))
    }
  }
}
