import Linux

/// Detects whether a process ran since the last query, at a fraction of the cost of reading its file.
///
/// A process cannot change its times, state or name without running. Changes from outside (a new parent, reclaimed
/// memory) remain undetected; a rotating refresh finds those.
struct ChangeDetector: Sendable {
  /// Why every file must be read each time; `nil` if the clocks are usable.
  let refusal: String?

  private let read: @Sendable (Int32) -> Int64?

  /// Checks that the tree belongs to our own pid namespace, since process clocks use the pids of that namespace.
  ///
  /// - Parameter procfs: The tree that will be read.
  init(for procfs: ProcFS) {
    self.init(refusal: Self.refusal(procfs), read: ProcessClock.nanoseconds(of:))
  }

  /// - Parameters:
  ///   - refusal: Why the clocks cannot be used; `nil` if they can.
  ///   - read: Returns the CPU time of a process in nanoseconds, or `nil` if it does not exist.
  init(refusal: String?, read: @escaping @Sendable (Int32) -> Int64?) {
    self.refusal = refusal
    self.read = read
  }

  private static func refusal(_ procfs: ProcFS) -> String? {
    guard let link = try? Files.target(ofLink: procfs.path("self")), Int32(link) == Machine.ownPID
    else {
      return "\(procfs.root) is not the tree of our own pid namespace"
    }
    // The pid may match by chance, so the first process of the tree must agree with its clock too.
    guard let bytes = try? procfs.contents(of: "1/stat"),
      let stat = try? ProcessStat(parsing: bytes.span, file: procfs.path("1/stat"))
    else { return "\(procfs.path("1/stat")) cannot be read" }
    guard let clock = ProcessClock.nanoseconds(of: 1) else {
      return "the kernel refuses process clocks"
    }
    let tick = 1_000_000_000 / Int64(Machine.ticksPerSecond)
    // The file was read before the clock, and both of its parts are rounded down.
    let counted = Int64(stat.cpu.total) * tick
    guard counted <= clock + tick, clock - counted < 100 * tick else {
      return "\(procfs.root) shows another process 1 than ours"
    }
    return nil
  }

  /// The clock of the process, or `nil` if the process must be read in any case.
  func clock(of pid: Int32) -> Int64? {
    refusal == nil ? read(pid) : nil
  }
}
