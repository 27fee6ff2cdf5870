import ProcFS

/// Explains why part of the busy time has no process, and suggests a remedy.
struct CoverageAdvice: Sendable, Equatable {
  var reason: String
  var remedy: String

  /// The coverage of the window below which advice is given.
  private static let low = 0.95
  /// The unaccounted time, in CPUs, above which advice is given: on an idle machine a few ticks are a large share.
  static let noticeable = 0.05

  /// The possible causes, the likeliest first; empty while coverage is good.
  static func of(_ snapshot: Snapshot) -> [CoverageAdvice] {
    guard let ledger = snapshot.averageUse?.ledger, ledger.coverage < low,
      ledger.unaccounted > noticeable
    else { return [] }
    let facts = snapshot.surroundings
    var advice: [CoverageAdvice] = []
    if !snapshot.showsKernelThreads {
      advice.append(
        .init(
          reason:
            "\(facts.procRoot) shows only the \(snapshot.processes.count) processes of a container",
          remedy:
            "start the container with --pid=host, or mount the host's /proc and name it with --proc"
        ))
    }
    if let hidepid = facts.hidepid {
      advice.append(
        .init(
          reason:
            "\(facts.procRoot) is mounted with hidepid=\(hidepid): processes of other users are hidden",
          remedy: "run as root, or in the group that the mount option gid= names"))
    }
    if snapshot.skipped.total > 0 {
      advice.append(
        .init(
          reason: "\(snapshot.skipped.total) processes could not be read",
          remedy: "see self.skipped_processes.example in /system; running as root may help"))
    }
    if let allowed = facts.cpusAllowed, allowed < snapshot.cpuCount {
      advice.append(
        .init(
          reason:
            "this server is confined to \(allowed) of \(snapshot.cpuCount) CPUs (a cpuset): the busy "
            + "time is that of the whole machine",
          remedy:
            "start the container with --pid=host and without --cpuset-cpus to see which "
            + "processes use the other CPUs"
        ))
    }
    if advice.isEmpty {
      advice.append(
        .init(
          reason:
            "processes started and exited between two samples without a parent that waited for them",
          remedy: "a shorter --interval sees more of them"))
    }
    return advice
  }
}

extension Snapshot {
  /// Whether the process tree is that of the whole machine: only there the kernel lists its own threads.
  var showsKernelThreads: Bool { processes.contains { $0.isKernelThread } }
}
