import CLinux
import Glibc
import Linux

/// Reads all processes of a tree, again and again; keeps what need not be read each time.
public struct ProcessReader: Sendable {
  /// A user id changes seldom, so each process is asked for it in one sweep of this many.
  private static let ownerRefreshSweeps = 10

  private let procfs: ProcFS
  private var listing = PIDListing()
  private var pids: [Int32] = []
  private var buffer = [UInt8](repeating: 0, count: 4096)
  /// The entries of the sweep before, in ascending order of pid.
  private var previous: [ProcessEntry] = []
  private var sweeps = 0

  public init(_ procfs: ProcFS) {
    self.procfs = procfs
  }

  /// One sweep.
  ///
  /// - Throws: only when the tree itself cannot be listed; a single process never ends a sweep.
  public mutating func read() throws(ProcError) -> ProcessSweep {
    try listing.read(procfs, into: &pids)
    var sweep = ProcessSweep(processes: [])
    sweep.processes.reserveCapacity(pids.count)
    var old = 0
    for pid in pids {
      while old < previous.count, previous[old].stat.identity.pid < pid { old += 1 }
      do throws(ProcError) {
        guard let stat = try stat(of: pid) else { continue }
        let known = old < previous.count && previous[old].stat.identity == stat.identity
        let refresh = (Int(pid) + sweeps) % Self.ownerRefreshSweeps == 0
        let uid = known && !refresh ? previous[old].uid : owner(of: pid)
        guard let uid else { continue }
        sweep.processes.append(ProcessEntry(stat: stat, uid: uid))
      } catch {
        sweep.skipped.count(error)
      }
    }
    previous = sweep.processes
    sweeps += 1
    return sweep
  }

  /// The process's stat, or `nil` when it is gone.
  private mutating func stat(of pid: Int32) throws(ProcError) -> ProcessStat? {
    let name = "\(pid)/stat"
    let descriptor = unsafe clinux_openat(procfs.directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
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
