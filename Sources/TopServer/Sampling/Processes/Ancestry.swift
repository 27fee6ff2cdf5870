/// Who is whose parent, also when the parent has ended.
struct Ancestry {
  /// A chain of parents that is longer has a loop in it.
  private static let longestChain = 64

  private let living: Set<Int32>
  private let parents: [Int32: Int32]

  /// - Parameters:
  ///   - living: The pids of those that are there.
  ///   - parents: The parents of those that have ended, by pid.
  init(living: Set<Int32>, parents: [Int32: Int32]) {
    (self.living, self.parents) = (living, parents)
  }

  /// The first of a parent, its parent and so on that is there; `nil` when the chain breaks.
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
