/// Finds the nearest living ancestor of a process, even when parents have exited.
struct Ancestry {
  /// A longer chain of parents contains a loop.
  private static let longestChain = 64

  private let living: Set<Int32>
  private let parents: [Int32: Int32]

  /// - Parameters:
  ///   - living: The pids of living processes.
  ///   - parents: The parent pid of each exited process, by pid.
  init(living: Set<Int32>, parents: [Int32: Int32]) {
    (self.living, self.parents) = (living, parents)
  }

  /// The first living process in the chain that begins with `parent`; `nil` when the chain breaks.
  func nearestLiving(from parent: Int32) -> Int32? {
    var pid = parent
    for _ in 0..<Self.longestChain {
      if living.contains(pid) { return pid }
      guard let next = parents[pid] else { return nil }
      pid = next
    }
    return nil
  }
}
