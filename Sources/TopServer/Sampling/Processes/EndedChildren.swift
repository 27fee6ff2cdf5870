import ProcFS

/// Attributes the CPU time of processes that exited between two sweeps to the parents that waited for them.
///
/// When a parent waits for an exited process, the kernel adds all CPU time of that process to the parent's `cutime` and
/// `cstime`. The last sweep has already counted part of that sum; this type finds the rest. That needs no privilege and
/// reads no file.
struct EndedChildren {
  /// The processes of the previous sweep, in ascending order of pid.
  let before: [ProcessTrack]
  /// The processes of this sweep, in ascending order of pid.
  var now: [ProcessTrack]
  /// The growth of the ended-children counters of each process in ``now``.
  var growth: [CPUTicks]

  /// The maximum number of ticks that children can have used since the previous sweep.
  ///
  /// A larger growth contains CPU time of unknown age.
  let most: UInt64

  /// A longer chain of parents contains a loop, which reads at different moments can produce.
  private static let longestChain = 64

  /// Attributes each vanished process to the parent that waited for it, and the rest of each growth to its process.
  ///
  /// - Parameters:
  ///   - vanished: Indices in ``before``.
  ///   - sweep: The number of this sweep.
  ///   - oldest: The oldest sweep in the window.
  /// - Returns: The CPU time of ended children that no sweep had counted while they lived.
  mutating func settle(vanished: [Int], at sweep: Int, oldest: Int) -> CPUTicks {
    // Start with the processes whose parent still exists, since their attribution is certain.
    let certain = vanished.filter { place(of: before[$0].parentPID, in: now) != nil }
    let others = vanished.filter { place(of: before[$0].parentPID, in: now) == nil }
    for index in certain + others {
      guard let reaper = reaper(of: before[index]) else { continue }
      growth[reaper] = growth[reaper].growth(since: before[index].lifetime)
      now[reaper].inherit(before[index], oldest: oldest)
    }
    var total = CPUTicks.zero
    for index in now.indices where growth[index] != .zero && growth[index].total <= most {
      now[index].addEnded(growth[index], at: sweep)
      total += growth[index]
    }
    return total
  }

  /// Finds the process whose growth contains the whole lifetime of a vanished process.
  ///
  /// - Returns: `nil` when there is none: a parent that ignores SIGCHLD does not wait, so the kernel adds nothing.
  private func reaper(of vanished: ProcessTrack) -> Int? {
    var parentPID = vanished.parentPID
    var mayHaveMoved = false
    for _ in 0..<Self.longestChain {
      guard let parent = place(of: parentPID, in: before) else { return nil }
      if let index = place(of: before[parent].identity) {
        // The kernel rounds each shown part down, so a sum grows by at least the shown parts.
        if growth[index].total >= vanished.lifetime.total { return index }
        // Only a living parent can wait for its own children, so this child exited without a wait.
        if !mayHaveMoved { return nil }
      } else {
        // The parent exited too. It waited for this child first, or init or a subreaper above adopted the child.
        mayHaveMoved = true
      }
      parentPID = before[parent].parentPID
    }
    return nil
  }

  private func place(of identity: ProcessIdentity) -> Int? {
    guard let index = place(of: identity.pid, in: now), now[index].identity == identity else {
      return nil
    }
    return index
  }

  /// Finds a pid by binary search.
  private func place(of pid: Int32, in tracks: [ProcessTrack]) -> Int? {
    var (low, high) = (0, tracks.count)
    while low < high {
      let middle = (low + high) / 2
      if tracks[middle].identity.pid < pid { low = middle + 1 } else { high = middle }
    }
    return low < tracks.count && tracks[low].identity.pid == pid ? low : nil
  }
}
