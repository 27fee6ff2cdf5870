/// Waits until a condition holds; the time limit of the suite ends a wait that is in vain.
///
/// It looks often at first, and then every millisecond, so that a long wait leaves the CPU to what it waits for.
public func eventually(_ condition: () throws -> Bool) async throws {
  var looks = 0
  while try !condition() {
    try Task.checkCancellation()
    looks += 1
    if looks < 100 {
      await Task.yield()
    } else {
      try await Task.sleep(for: .milliseconds(1))
    }
  }
}
