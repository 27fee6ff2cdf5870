import CLinux
import Glibc

/// Starts threads for work that may never return, which would cost a pool one of its threads.
public enum DetachedThread {
  /// Runs the body on a new thread, which ends when the body returns.
  ///
  /// See pthread_create(3).
  ///
  /// - Parameter name: The thread name that top(1) shows, at most 15 bytes.
  public static func start(
    named name: String, _ body: @escaping @Sendable () -> Void
  ) throws(SystemCallError) {
    var thread = pthread_t()
    let context = unsafe Unmanaged.passRetained(Body(name: name, body))
    let code = unsafe pthread_create(&thread, nil, enter, context.toOpaque())
    guard code == 0 else {
      unsafe context.release()
      throw SystemCallError(call: "pthread_create", code: code)
    }
    pthread_detach(thread)
  }
}

/// Carries the closure to the thread: C can pass an object, but not a closure.
private final class Body: Sendable {
  private let name: String
  private let body: @Sendable () -> Void

  init(name: String, _ body: @escaping @Sendable () -> Void) {
    self.name = name
    self.body = body
  }

  func run() {
    // The name is only a debugging aid, so an error does not matter.
    _ = unsafe clinux_pthread_setname(pthread_self(), name)
    body()
  }
}

/// The `start_routine` of pthread_create(3).
///
/// It consumes the reference that `start` retained and runs the body.
private func enter(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let context = unsafe context {
    unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
  }
  return nil
}
