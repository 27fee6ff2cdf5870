import Glibc
import Testing

@testable import Linux

@Suite("A thread of its own")
struct DetachedThreadTests {
  /// Says when nobody holds it any more.
  private final class Farewell: Sendable {
    private let say: @Sendable () -> Void

    init(_ say: @escaping @Sendable () -> Void) { self.say = say }

    deinit { say() }
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
    "The thread has its name, and one that is too long does no harm",
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

  @Test("What the body holds is let go when the thread ends")
  func ends() async {
    await withCheckedContinuation { continuation in
      let held = Farewell { continuation.resume() }
      try? DetachedThread.start(named: "test") { withExtendedLifetime(held) {} }
    }
  }
}
