import CLinux
import Glibc

/// A thread of its own, for work that may never come back; a pool would lose one of its threads to it.
public enum DetachedThread {
  /// Runs the body on a new thread, which ends with it.
  ///
  /// See pthread_create(3).
  ///
  /// - Parameter name: What top(1) shows of it, 15 bytes at most.
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

/// What the thread is given: C carries an object, but no closure.
private final class Body: Sendable {
  private let name: String
  private let body: @Sendable () -> Void

  init(name: String, _ body: @escaping @Sendable () -> Void) {
    self.name = name
    self.body = body
  }

  func run() {
    // A name is a help and no more.
    _ = unsafe clinux_pthread_setname(pthread_self(), name)
    body()
  }
}

/// Feeds `pthread_create`: takes over the reference that `start` made, and runs the body.
private func enter(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let context = unsafe context {
    unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
  }
  return nil
}
