import Dispatch
import Synchronization

/// Blocks threads until it is opened, and lets all threads pass afterwards.
final class Gate: Sendable {
  private let semaphore = DispatchSemaphore(value: 0)

  func wait() {
    semaphore.wait()
    semaphore.signal()
  }

  func open() { semaphore.signal() }
}
