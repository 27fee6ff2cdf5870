/// Who is behind a process: what its executable, its arguments and its control group say.
///
/// Processes with the same details share one object, so a thousand workers of one program cost as much as one.
final class ProcessDetails: Sendable {
  /// See ``ProgramName``.
  let program: String
  /// `nil` if the link cannot be read, or for a kernel thread.
  let executable: ExecutablePath?
  /// See ``CommandLineText``; `nil` unless command lines are shown, or if it cannot be read.
  let command: String?
  /// `nil` if the control group cannot be read.
  let cgroup: CgroupIdentity?

  init(
    program: String, executable: ExecutablePath? = nil, command: String? = nil,
    cgroup: CgroupIdentity? = nil
  ) {
    (self.program, self.executable, self.command) = (program, executable, command)
    self.cgroup = cgroup
  }

  /// The same in another control group.
  func inGroup(_ cgroup: CgroupIdentity?) -> ProcessDetails {
    ProcessDetails(program: program, executable: executable, command: command, cgroup: cgroup)
  }
}

extension ProcessDetails: Hashable {
  static func == (left: ProcessDetails, right: ProcessDetails) -> Bool {
    left === right
      || left.program == right.program && left.executable == right.executable
        && left.command == right.command && left.cgroup == right.cgroup
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(program)
    hasher.combine(executable)
    hasher.combine(command)
    hasher.combine(cgroup)
  }
}
