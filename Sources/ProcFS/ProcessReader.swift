/// Reads all processes of a tree repeatedly and skips those that cannot have changed.
///
/// Each sweep queries the ``ChangeDetector`` about every process and reads those that ran. Two rules find changes from
/// outside to a process that sleeps: when a parent exits, its children are read at once; resident memory, which the
/// kernel may reclaim, is read in rotation.
public struct ProcessReader: Sendable {
  /// The last known state of a process.
  private struct Known {
    var entry: ProcessEntry
    /// The process clock before the last read, or -1 if unknown.
    var clock: Int64
    /// Whether the process ran since its owner was read.
    ///
    /// Only a running process can change its owner.
    var ownerIsOld: Bool
  }

  private var files: ProcessFiles
  private let detector: ChangeDetector
  /// The length of the rotation: each process is refreshed in one of this many sweeps.
  private let turns: Int
  private var known: [Known] = []
  private var listing = PIDListing()
  private var pids: [Int32] = []
  private var forksAtListing: UInt64?
  private var sweeps = 0

  /// - Parameter turns: The number of sweeps after which every process has been refreshed.
  public init(_ procfs: ProcFS, turns: Int = 10) {
    self.init(procfs, turns: turns, detector: ChangeDetector(for: procfs))
  }

  init(_ procfs: ProcFS, turns: Int = 10, detector: ChangeDetector) {
    files = ProcessFiles(procfs)
    self.detector = detector
    self.turns = max(1, turns)
  }

  /// Reads all processes once.
  ///
  /// - Parameter forks: The kernel's count of created processes, read just before. While it stays the same, no process
  ///   was created and the folder need not be listed.
  /// - Throws: An error if the tree itself cannot be listed. An error in one process does not end the sweep.
  public mutating func read(forks: UInt64? = nil) throws(ProcError) -> ProcessSweep {
    var sweep = ProcessSweep(processes: [])
    var ended: Set<Int32> = []
    let mayHaveGrown = forks == nil || forks != forksAtListing || sweeps % turns == 0
    if detector.refusal != nil || mayHaveGrown {
      try listing.read(files.procfs, into: &pids)
      forksAtListing = forks
      merge(&sweep, &ended)
    } else {
      follow(&sweep, &ended)
    }
    readOrphans(of: ended, &sweep)
    sweeps += 1
    sweep.processes = known.map(\.entry)
    sweep.slowReason = detector.refusal
    return sweep
  }

  // MARK: - Sweeps

  /// Updates the known processes without listing the folder.
  private mutating func follow(_ sweep: inout ProcessSweep, _ ended: inout Set<Int32>) {
    var kept = 0
    for index in known.indices {
      guard update(index, &sweep, &ended) else { continue }
      if kept != index { known[kept] = known[index] }
      kept += 1
    }
    known.removeLast(known.count - kept)
  }

  /// Merges the listed pids with the known processes.
  private mutating func merge(_ sweep: inout ProcessSweep, _ ended: inout Set<Int32>) {
    var next: [Known] = []
    next.reserveCapacity(pids.count)
    var old = 0
    for pid in pids {
      while old < known.count, known[old].entry.stat.identity.pid < pid {
        ended.insert(known[old].entry.stat.identity.pid)
        old += 1
      }
      if old < known.count, known[old].entry.stat.identity.pid == pid {
        if update(old, &sweep, &ended) { next.append(known[old]) }
        old += 1
      } else if let born = readNew(pid, &sweep) {
        next.append(born)
      }
    }
    for rest in known[min(old, known.count)...] { ended.insert(rest.entry.stat.identity.pid) }
    known = next
  }

  /// Updates a known process.
  ///
  /// - Returns: false if it has exited or is no longer readable.
  private mutating func update(
    _ index: Int, _ sweep: inout ProcessSweep, _ ended: inout Set<Int32>
  ) -> Bool {
    let pid = known[index].entry.stat.identity.pid
    // Read the clock before the file: what the process does afterwards advances the clock again.
    let clock = detector.clock(of: pid)
    let hasTurn = (index + sweeps) % turns == 0
    guard let clock, clock == known[index].clock else {
      return reread(index, clock: clock, hasTurn: hasTurn, &sweep, &ended)
    }
    sweep.unchanged += 1
    guard hasTurn, !known[index].entry.stat.isKernelThread else { return true }
    return refresh(index, &sweep, &ended)
  }

  /// Reads a process that ran.
  private mutating func reread(
    _ index: Int, clock: Int64?, hasTurn: Bool, _ sweep: inout ProcessSweep,
    _ ended: inout Set<Int32>
  ) -> Bool {
    let before = known[index].entry
    let pid = before.stat.identity.pid
    guard let stat = files.stat(of: pid, &sweep.skipped) else {
      ended.insert(pid)
      return false
    }
    let isSame = stat.identity == before.stat.identity
    if !isSame || (stat.state == .zombie && before.stat.state != .zombie) { ended.insert(pid) }
    var uid = before.uid
    if !isSame || hasTurn {
      guard let owner = files.owner(of: pid) else { return false }
      uid = owner
    }
    known[index] = Known(
      entry: ProcessEntry(stat: stat, uid: uid, ranInSweep: sweeps), clock: clock ?? -1,
      ownerIsOld: isSame && !hasTurn)
    return true
  }

  /// Refreshes what can change from outside, and the owner if the process ran since it was read.
  private mutating func refresh(
    _ index: Int, _ sweep: inout ProcessSweep, _ ended: inout Set<Int32>
  ) -> Bool {
    let pid = known[index].entry.stat.identity.pid
    if let memory = files.memory(of: pid, &sweep.skipped) {
      known[index].entry.stat.residentPages = memory.residentPages
    }
    if known[index].ownerIsOld {
      guard let owner = files.owner(of: pid) else {
        ended.insert(pid)
        return false
      }
      known[index].entry.uid = owner
      known[index].ownerIsOld = false
    }
    return true
  }

  private mutating func readNew(_ pid: Int32, _ sweep: inout ProcessSweep) -> Known? {
    let clock = detector.clock(of: pid)
    guard let stat = files.stat(of: pid, &sweep.skipped), let uid = files.owner(of: pid) else {
      return nil
    }
    return Known(
      entry: ProcessEntry(stat: stat, uid: uid, ranInSweep: sweeps), clock: clock ?? -1,
      ownerIsOld: true)
  }

  /// Reads the children of exited processes, because they have a new parent.
  private mutating func readOrphans(of ended: Set<Int32>, _ sweep: inout ProcessSweep) {
    guard !ended.isEmpty, detector.refusal == nil else { return }
    for index in known.indices where ended.contains(known[index].entry.stat.parentPID) {
      let identity = known[index].entry.stat.identity
      guard let stat = files.stat(of: identity.pid, &sweep.skipped), stat.identity == identity
      else { continue }
      known[index].entry.stat.parentPID = stat.parentPID
    }
  }
}
