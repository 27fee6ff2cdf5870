import Linux

/// Tells whether a process ran since it was asked for last, for a fraction of what reading its file costs.
///
/// A process cannot change its times, its state or its name without running: only what others do to it (a new parent,
/// memory taken away) goes unseen, and a rotating refresh finds that.
struct ChangeDetector: Sendable {
  /// Why each file is read each time, or `nil` while the clocks are used.
  let refusal: String?

  private let read: @Sendable (Int32) -> Int64?

  /// Process clocks work on the pids of our own namespace, so the tree must be that of our own namespace too.
  ///
  /// - Parameter procfs: The tree that will be read.
  init(for procfs: ProcFS) {
    self.init(refusal: Self.refusal(procfs), read: ProcessClock.nanoseconds(of:))
  }

  /// - Parameters:
  ///   - refusal: Why the clocks cannot be used, if that is so.
  ///   - read: Nanoseconds that a process has run, or `nil` when it is gone.
  init(refusal: String?, read: @escaping @Sendable (Int32) -> Int64?) {
    self.refusal = refusal
    self.read = read
  }

  private static func refusal(_ procfs: ProcFS) -> String? {
    guard let link = try? Files.target(ofLink: procfs.path("self")), Int32(link) == Machine.ownPID
    else {
      return "\(procfs.root) is not the tree of our own pid namespace"
    }
    // The number alone may be equal by chance: the first process of the tree must agree with its clock as well.
    guard let bytes = try? procfs.contents(of: "1/stat"),
      let stat = try? ProcessStat(parsing: bytes.span, file: procfs.path("1/stat"))
    else { return "\(procfs.path("1/stat")) cannot be read" }
    guard let clock = ProcessClock.nanoseconds(of: 1) else {
      return "the kernel refuses process clocks"
    }
    let tick = 1_000_000_000 / Int64(Machine.ticksPerSecond)
    // The file was read first, and its two parts are each rounded down.
    let counted = Int64(stat.cpu.total) * tick
    guard counted <= clock + tick, clock - counted < 100 * tick else {
      return "\(procfs.root) shows another process 1 than ours"
    }
    return nil
  }

  /// The process's clock, or `nil` when it is to be read whatever the clock says.
  func clock(of pid: Int32) -> Int64? {
    refusal == nil ? read(pid) : nil
  }
}
