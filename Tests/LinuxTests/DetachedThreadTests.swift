import Glibc
import Testing

@testable import Linux

@Suite("Detached thread")
struct DetachedThreadTests {
  /// Calls a closure when it is deallocated.
  private final class DeinitProbe: Sendable {
    private let onDeinit: @Sendable () -> Void

    init(_ onDeinit: @escaping @Sendable () -> Void) { self.onDeinit = onDeinit }

    deinit { onDeinit() }
  }

  @Test("The body runs on another thread")
  func runs() async throws {
    let caller = pthread_self()
    let other: pthread_t = try await withCheckedThrowingContinuation { continuation in
      do {
        try DetachedThread.start(named: "test") { continuation.resume(returning: pthread_self()) }
      } catch {
        continuation.resume(throwing: error)
      }
    }
    #expect(other != caller)
  }

  @Test(
    "The thread has the given name; a name that is too long is harmless",
    arguments: [("mounts", "mounts"), ("a-name-of-more-than-15-bytes", nil)])
  func name(_ name: String, _ expected: String?) async throws {
    let found: [UInt8] = try await withCheckedThrowingContinuation { continuation in
      do {
        try DetachedThread.start(named: name) {
          continuation.resume(with: Result { try Files.read("/proc/thread-self/comm").bytes })
        }
      } catch {
        continuation.resume(throwing: error)
      }
    }
    if let expected { #expect(String(decoding: found, as: UTF8.self) == expected + "\n") }
  }

  @Test("The thread releases the body when it ends")
  func ends() async {
    await withCheckedContinuation { continuation in
      let held = DeinitProbe { continuation.resume() }
      try? DetachedThread.start(named: "test") { withExtendedLifetime(held) {} }
    }
  }
}
