/// Waits until a condition holds.
///
/// If it never does, the time limit of the suite ends the wait.
///
/// It polls often at first and then every millisecond, which leaves the CPU to the code it waits for.
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
