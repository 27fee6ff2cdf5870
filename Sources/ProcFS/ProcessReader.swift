import CLinux
import Glibc
import Linux

/// Reads all processes of a tree, again and again; what did not change is not read again.
public struct ProcessReader: Sendable {
  private let procfs: ProcFS
  private let detector: ChangeDetector
  /// In one sweep of this many, each process is read even though it did not run.
  private let refreshSweeps: Int
  private var listing = PIDListing()
  private var pids: [Int32] = []
  private var buffer = [UInt8](repeating: 0, count: 1024)
  private var sweeps = 0

  /// What the sweep before saw, in ascending order of pid, and the clock of each at that time; -1 is unknown.
  private var entries: [ProcessEntry] = []
  private var clocks: [Int64] = []
  private var forksAtListing: UInt64?

  /// - Parameter refreshSweeps: After so many sweeps at most, everything about a process was read again.
  public init(_ procfs: ProcFS, refreshSweeps: Int = 10) {
    self.procfs = procfs
    self.refreshSweeps = max(1, refreshSweeps)
    detector = ChangeDetector(for: procfs)
  }

  /// Why every file is read in every sweep; `nil` while only those are read that changed.
  public var slowReason: String? { detector.refusal }

  /// One sweep.
  ///
  /// - Parameter forks: The kernel's count of processes that were ever created, read just before; while it stands still
  ///   nobody was born, and the folder need not be listed.
  /// - Throws: only when the tree itself cannot be listed; a single process never ends a sweep.
  public mutating func read(forks: UInt64? = nil) throws(ProcError) -> ProcessSweep {
    var sweep = ProcessSweep(processes: [])
    let refreshAll = sweeps % refreshSweeps == 0
    if detector.refusal != nil || forks == nil || forks != forksAtListing || refreshAll {
      try listing.read(procfs, into: &pids)
      forksAtListing = forks
      merge(&sweep)
    } else {
      follow(&sweep)
    }
    sweeps += 1
    sweep.processes = entries
    return sweep
  }

  // MARK: - Sweeps

  /// Walks the known processes only.
  private mutating func follow(_ sweep: inout ProcessSweep) {
    var kept = 0
    for index in entries.indices {
      guard update(index, &sweep) else { continue }
      if kept != index {
        entries[kept] = entries[index]
        clocks[kept] = clocks[index]
      }
      kept += 1
    }
    entries.removeLast(entries.count - kept)
    clocks.removeLast(clocks.count - kept)
  }

  /// Walks the listed pids beside the known ones.
  private mutating func merge(_ sweep: inout ProcessSweep) {
    var next: [ProcessEntry] = []
    var nextClocks: [Int64] = []
    next.reserveCapacity(pids.count)
    nextClocks.reserveCapacity(pids.count)
    var old = 0
    for pid in pids {
      while old < entries.count, entries[old].stat.identity.pid < pid { old += 1 }
      if old < entries.count, entries[old].stat.identity.pid == pid {
        guard update(old, &sweep) else { continue }
        next.append(entries[old])
        nextClocks.append(clocks[old])
      } else {
        let clock = detector.clock(of: pid) ?? -1
        guard let entry = entry(of: pid, knownOwner: nil, &sweep) else { continue }
        next.append(entry)
        nextClocks.append(clock)
      }
    }
    entries = next
    clocks = nextClocks
  }

  /// Brings a known process up to date.
  ///
  /// - Returns: false when it is gone or cannot be read any more.
  private mutating func update(_ index: Int, _ sweep: inout ProcessSweep) -> Bool {
    let known = entries[index]
    let pid = known.stat.identity.pid
    // The clock first: what the process does after this moves it again.
    let clock = detector.clock(of: pid)
    let isDue = (index + sweeps) % refreshSweeps == 0 && !known.stat.isKernelThread
    if let clock, clock == clocks[index], !isDue { return true }
    guard let entry = entry(of: pid, knownOwner: isDue ? nil : known, &sweep) else { return false }
    entries[index] = entry
    clocks[index] = clock ?? -1
    return true
  }

  // MARK: - One process

  /// Reads a process, or counts why it cannot be read; `nil` also when it is gone.
  private mutating func entry(
    of pid: Int32, knownOwner: ProcessEntry?, _ sweep: inout ProcessSweep
  ) -> ProcessEntry? {
    do throws(ProcError) {
      guard let stat = try stat(of: pid) else { return nil }
      if let knownOwner, knownOwner.stat.identity == stat.identity {
        return ProcessEntry(stat: stat, uid: knownOwner.uid)
      }
      return owner(of: pid).map { ProcessEntry(stat: stat, uid: $0) }
    } catch {
      sweep.skipped.count(error)
      return nil
    }
  }

  /// The process's stat, or `nil` when it is gone.
  private mutating func stat(of pid: Int32) throws(ProcError) -> ProcessStat? {
    let name = "\(pid)/stat"
    let descriptor = unsafe clinux_openat(
      procfs.directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return try Self.absent("open", procfs, name) }
    defer { close(descriptor) }
    let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
    guard count >= 0 else { return try Self.absent("read", procfs, name) }
    let file = procfs.path(name)
    let stat = try ProcessStat(parsing: buffer.span.extracting(0..<count), file: file)
    guard stat.identity.pid == pid else { throw .malformed(file: file, field: "pid") }
    return stat
  }

  /// A process that went away between listing and reading is absent; anything else is an error.
  private static func absent(_ call: String, _ procfs: ProcFS, _ name: String) throws(ProcError)
    -> ProcessStat?
  {
    if errno == ENOENT || errno == ESRCH { return nil }
    throw .unreadable(.last(call, procfs.path(name)))
  }

  /// The owner of the process's folder, or `nil` when it is gone.
  ///
  /// See fstatat(2).
  private func owner(of pid: Int32) -> UInt32? {
    var status = Glibc.stat()
    guard unsafe fstatat(procfs.directory, "\(pid)", &status, 0) == 0 else { return nil }
    return status.st_uid
  }
}
