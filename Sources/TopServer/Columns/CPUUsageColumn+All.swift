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
      readsDescending: true
    ) { row, _ in .share(row.average?.user) },
    .init(
      "sys_avg", "CPU use in kernel mode, averaged over `window_seconds`.", .percentOfOneCPU,
      isStandard: true,
      readsDescending: true
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
    .init("threads", "The number of threads.", .count, readsDescending: true) {
      row, _ in .whole(row.threads.map { Int64($0) })
    },
    .init(
      "rss_bytes", "Resident memory.", .bytes,
      readsDescending: true
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
      readsDescending: true
    ) { row, _ in .share(row.recent?.user) },
    .init(
      "sys_now", "CPU use in kernel mode over the last interval.", .percentOfOneCPU,
      readsDescending: true
    ) { row, _ in .share(row.recent?.system) },
    .init("kernel", "True for the kernel's own threads.") { row, _ in
      .truth(row.isKernelThread)
    },
    .init(
      "children_user_avg",
      "The same as `user_avg`, for children that exited and for which this process waited.",
      .percentOfOneCPU,
      readsDescending: true
    ) { row, _ in .share(row.childrenAverage?.user) },
    .init(
      "children_sys_avg",
      "The same as `sys_avg`, for children that exited and for which this process waited.",
      .percentOfOneCPU,
      readsDescending: true
    ) { row, _ in .share(row.childrenAverage?.system) },
    .init(
      "children_user_now",
      "The same as `user_now`, for children that exited and for which this process waited.",
      .percentOfOneCPU,
      readsDescending: true
    ) { row, _ in .share(row.childrenRecent?.user) },
    .init(
      "children_sys_now",
      "The same as `sys_now`, for children that exited and for which this process waited.",
      .percentOfOneCPU,
      readsDescending: true
    ) { row, _ in .share(row.childrenRecent?.system) },
  ]

  private init(
    _ name: String, _ help: String, _ unit: MeasureUnit? = nil, isStandard: Bool = false,
    readsDescending: Bool = false, readsUsers: Bool = false,
    _ read: @escaping @Sendable (ProcessRow, Context) -> Cell
  ) {
    (self.name, self.help, self.unit) = (name, help, unit)
    (self.isStandard, self.readsDescending) = (isStandard, readsDescending)
    (self.readsUsers, self.read) = (readsUsers, read)
  }
}
