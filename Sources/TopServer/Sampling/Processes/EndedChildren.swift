import ProcFS

/// Says whose the CPU time of processes is that ended between two sweeps.
///
/// When a process ends, the kernel adds all it ever used to the `cutime` and `cstime` of the parent that waits for it. Of
/// that sum, what the process had used when it was last seen has been counted already; the rest is what this finds. No
/// privilege is needed and no file is read for it.
struct EndedChildren {
  /// The processes of the sweep before, in ascending order of pid.
  let before: [ProcessTrack]
  /// The processes of this sweep, in ascending order of pid.
  var now: [ProcessTrack]
  /// For each of ``now``, how much its count for ended children grew.
  var growth: [CPUTicks]

  /// Ticks that children can have used since the sweep before; more than that was used earlier, nobody knows when.
  let most: UInt64

  /// A chain of parents that is longer has a loop in it, as two reads at different moments can make one.
  private static let longestChain = 64

  /// Gives each vanished process to the one that waited for it, and the rest of each count to its owner.
  ///
  /// - Parameters:
  ///   - vanished: Places in ``before``.
  ///   - sweep: The number of this sweep.
  ///   - oldest: The oldest sweep that still matters.
  /// - Returns: CPU time of ended children that had not been counted while they lived.
  mutating func settle(vanished: [Int], at sweep: Int, oldest: Int) -> CPUTicks {
    // Those whose parent is still here come first: for them there is no doubt.
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

  /// The process whose count grew by all that this one ever used.
  ///
  /// - Returns: `nil` when nobody's did: a parent that ignores SIGCHLD is told nothing, nor are we.
  private func reaper(of vanished: ProcessTrack) -> Int? {
    var parentPID = vanished.parentPID
    var mayHaveMoved = false
    for _ in 0..<Self.longestChain {
      guard let parent = place(of: parentPID, in: before) else { return nil }
      if let index = place(of: before[parent].identity) {
        // Each part is rounded down when it is shown, so a sum grows by at least what its parts had shown.
        if growth[index].total >= vanished.lifetime.total { return index }
        // A parent that lives has its children for itself: this one ended without being waited for.
        if !mayHaveMoved { return nil }
      } else {
        // The parent ended too. It has waited for this child, or the child went to init or to a subreaper above.
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

  /// Looks a pid up by bisection.
  private func place(of pid: Int32, in tracks: [ProcessTrack]) -> Int? {
    var (low, high) = (0, tracks.count)
    while low < high {
      let middle = (low + high) / 2
      if tracks[middle].identity.pid < pid { low = middle + 1 } else { high = middle }
    }
    return low < tracks.count && tracks[low].identity.pid == pid ? low : nil
  }
}
