import ProcFS

/// What was read of a process to find out who is behind it.
struct IdentityReading: Sendable, Equatable {
  var arguments = IdentityFiles.Reading.absent
  var executable = IdentityFiles.Reading.absent
  var groups = IdentityFiles.Reading.absent

  /// Reads what an errand asks for; may block.
  static func of(_ errand: IdentityErrand, _ files: inout IdentityFiles) -> IdentityReading {
    var reading = IdentityReading()
    let pid = errand.identity.pid
    if errand.scope != .executable {
      reading.groups = files.controlGroups(of: pid, atMost: CgroupIdentity.mostBytes)
    }
    if errand.scope != .group { reading.executable = files.executable(of: pid) }
    if errand.scope == .everything {
      reading.arguments = files.arguments(of: pid, atMost: ArgumentList.mostBytes)
    }
    return reading
  }

  /// Whether the process had exited.
  var isEmpty: Bool { arguments == .absent && executable == .absent && groups == .absent }
}

/// A process to read now.
struct IdentityErrand: Sendable, Equatable {
  enum Scope: Sendable {
    case everything
    /// The control group only: the process did not run, so only others can have changed something.
    case group
    /// The executable only, whose file can be gone; the reading counts for all processes with the same details.
    case executable
  }

  var identity: ProcessIdentity
  var name: String
  var isKernelThread: Bool
  var scope: Scope
  /// The last known sweep that found the process had run.
  var ranInSweep: Int
}

/// How many processes have a file that the server may not read.
///
/// The executable of another user's process needs privilege.
struct NotPermitted: Sendable, Equatable {
  var executables = 0
  var arguments = 0
  var groups = 0
}
