import ProcFS

extension CPUUsageColumn {
  /// Every column, in the order of `fields=all`; a new one goes to the end.
  static let all: [CPUUsageColumn] = definitions.enumerated().map { place, definition in
    var column = definition
    column.place = place
    return column
  }

  /// The columns of an answer to a request without `fields`.
  static let standard = all.filter(\.isStandard)

  /// The column with this name.
  static func named(_ name: some StringProtocol) -> CPUUsageColumn? {
    all.first { $0.name == name }
  }

  private static let definitions: [CPUUsageColumn] = [
    .init("pid", "The process ID.", isStandard: true) { row, _ in
      .whole(Int64(row.identity.pid))
    },
    .init(
      "name", "The name of the process as the kernel has it, at most 15 bytes.", isStandard: true
    ) { row, _ in .text(row.name) },
    .init(
      "user_avg", "CPU use in user mode, averaged over `window_seconds`.", .percentOfOneCPU,
      isStandard: true,
      sortsDescending: true
    ) { row, _ in .share(row.average?.user) },
    .init(
      "sys_avg", "CPU use in kernel mode, averaged over `window_seconds`.", .percentOfOneCPU,
      isStandard: true,
      sortsDescending: true
    ) { row, _ in .share(row.average?.system) },
    .init(
      "status", "The state, one of those that the parameter `status` accepts.", isStandard: true
    ) { row, _ in
      .text(row.state.rawValue)
    },
    .init("ppid", "The process ID of the parent.") { row, _ in .whole(Int64(row.parentPID)) },
    .init("uid", "The user ID that owns `/proc/PID`: normally the effective one.") { row, _ in
      .whole(Int64(row.uid))
    },
    .init(
      "user", "The user name; see below.",
      readsUsers: true
    ) { row, context in .text(context.users.text(of: row.uid)) },
    .init("threads", "The number of threads.", .count, sortsDescending: true) {
      row, _ in .whole(row.threads.map { Int64($0) })
    },
    .init(
      "rss_bytes", "Resident memory.", .bytes,
      sortsDescending: true
    ) { row, _ in .whole(row.residentBytes.map { Int64(clamping: $0) }) },
    .init("start_time", "When the process started, in RFC 3339.") { row, _ in
      .moment(row.startTime)
    },
    .init(
      "window_seconds",
      "What the averages of this row cover: the window of 60 seconds, or less for a younger process.",
      .seconds
    ) { row, _ in
      .seconds(row.window)
    },
    .init(
      "user_now", "CPU use in user mode over the last interval.", .percentOfOneCPU,
      sortsDescending: true
    ) { row, _ in .share(row.recent?.user) },
    .init(
      "sys_now", "CPU use in kernel mode over the last interval.", .percentOfOneCPU,
      sortsDescending: true
    ) { row, _ in .share(row.recent?.system) },
    .init("kernel", "True for the kernel's own threads.") { row, _ in
      .truth(row.isKernelThread)
    },
    .init(
      "children_user_avg",
      "The same as `user_avg`, for children that exited and for which this process waited.",
      .percentOfOneCPU,
      sortsDescending: true
    ) { row, _ in .share(row.childrenAverage?.user) },
    .init(
      "children_sys_avg",
      "The same as `sys_avg`, for children that exited and for which this process waited.",
      .percentOfOneCPU,
      sortsDescending: true
    ) { row, _ in .share(row.childrenAverage?.system) },
    .init(
      "children_user_now",
      "The same as `user_now`, for children that exited and for which this process waited.",
      .percentOfOneCPU,
      sortsDescending: true
    ) { row, _ in .share(row.childrenRecent?.user) },
    .init(
      "children_sys_now",
      "The same as `sys_now`, for children that exited and for which this process waited.",
      .percentOfOneCPU,
      sortsDescending: true
    ) { row, _ in .share(row.childrenRecent?.system) },
    .init("program", "What a person calls the program, without its arguments; see processes.md.") {
      row, _ in .text(row.program)
    },
    .init("exe", "The path of the executable; `null` where it cannot be read.") { row, _ in
      .text(row.details?.executable?.path)
    },
    .init(
      "exe_deleted", "True if the file of the executable is gone, for example after an upgrade."
    ) {
      row, _ in .truth(row.details?.executable?.isDeleted ?? false)
    },
    .init(
      "command",
      "The command line; `null` unless the server runs with `--command-lines`, or where it cannot be read."
    ) { row, _ in .text(row.details?.command) },
    .init("cgroup", "The path of the control group.") { row, _ in .text(row.details?.cgroup?.path)
    },
    .init("unit", "The systemd service, scope or slice.") { row, _ in
      .text(row.details?.cgroup?.unit)
    },
    .init("container", "The first 12 characters of the container's ID, or its name.") { row, _ in
      .text(row.details?.cgroup?.container)
    },
    .init(
      "container_runtime",
      "What runs the container: docker, podman, containerd, cri-o, lxc or systemd-nspawn."
    ) { row, _ in .text(row.details?.cgroup?.runtime?.rawValue) },
    .init("pod", "The UID of the Kubernetes pod.") { row, _ in .text(row.details?.cgroup?.pod) },
    .init("nice", "The nice value of the main thread, from -20 to 19.") { row, _ in
      .whole(row.scheduling.map { Int64($0.nice) })
    },
    .init(
      "policy",
      "The scheduling policy of the main thread: other, fifo, rr, batch, idle, deadline or ext."
    ) { row, _ in .text(row.scheduling?.policy?.rawValue) },
    .init("processor", "The CPU on which the main thread ran last.") { row, _ in
      .whole(row.scheduling?.processor.map { Int64($0) })
    },
    .init(
      "minor_faults_per_second",
      "Page faults over the last interval that needed no disk.", .countPerSecond,
      sortsDescending: true
    ) { row, _ in .whole(row.faults.map { Int64($0.minor) }) },
    .init(
      "major_faults_per_second",
      "Page faults over the last interval that waited for a disk.", .countPerSecond,
      sortsDescending: true
    ) { row, _ in .whole(row.faults.map { Int64($0.major) }) },
  ]

  private init(
    _ name: String, _ help: String, _ unit: MeasureUnit? = nil, isStandard: Bool = false,
    sortsDescending: Bool = false, readsUsers: Bool = false,
    _ read: @escaping @Sendable (ProcessRow, Context) -> Cell
  ) {
    (self.name, self.help, self.unit) = (name, help, unit)
    (self.isStandard, self.sortsDescending) = (isStandard, sortsDescending)
    (self.readsUsers, self.read) = (readsUsers, read)
  }
}
