import ProcFS

extension CPUUsageColumn {
  /// Every column, in the order of an answer that has all of them; a new one goes to the end.
  static let all: [CPUUsageColumn] = definitions.enumerated().map { place, definition in
    var column = definition
    column.place = place
    return column
  }

  /// Those that an answer has when no columns are named.
  static let standard = all.filter(\.isStandard)

  /// The column of a name.
  static func named(_ name: some StringProtocol) -> CPUUsageColumn? {
    all.first { $0.name == name }
  }

  private static let definitions: [CPUUsageColumn] = [
    .init("pid", "Number of the process.", isStandard: true) { row, _ in
      .whole(Int64(row.identity.pid))
    },
    .init("name", "Name of the program, as the kernel has it: 15 bytes at most.", isStandard: true)
    { row, _ in .text(row.name) },
    .init(
      "user_avg", "CPU time in user mode over the window.", .percentOfOneCPU, isStandard: true,
      readsDescending: true
    ) { row, _ in .share(row.average?.user) },
    .init(
      "sys_avg", "CPU time in the kernel over the window.", .percentOfOneCPU, isStandard: true,
      readsDescending: true
    ) { row, _ in .share(row.average?.system) },
    .init("status", "What the process does, by the names of psutil.", isStandard: true) { row, _ in
      .text(row.state.rawValue)
    },
    .init("ppid", "Number of the parent.") { row, _ in .whole(Int64(row.parentPID)) },
    .init("uid", "Number of the effective user.") { row, _ in .whole(Int64(row.uid)) },
    .init(
      "user", "Login name of the effective user; its number until the name is known.",
      readsUsers: true
    ) { row, context in .text(context.users.text(of: row.uid)) },
    .init("threads", "Threads; null in tables of the past.", .count, readsDescending: true) {
      row, _ in .whole(row.threads.map { Int64($0) })
    },
    .init(
      "rss_bytes", "Memory that is resident; null in tables of the past.", .bytes,
      readsDescending: true
    ) { row, _ in .whole(row.residentBytes.map { Int64(clamping: $0) }) },
    .init("start_time", "When the process began, as RFC 3339 writes it.") { row, _ in
      .moment(row.startTime)
    },
    .init("window_seconds", "Time that the averages of the process cover.", .seconds) { row, _ in
      .seconds(row.window)
    },
    .init(
      "user_now", "CPU time in user mode since the sample before.", .percentOfOneCPU,
      readsDescending: true
    ) { row, _ in .share(row.recent?.user) },
    .init(
      "sys_now", "CPU time in the kernel since the sample before.", .percentOfOneCPU,
      readsDescending: true
    ) { row, _ in .share(row.recent?.system) },
    .init("kernel", "Whether it is a thread of the kernel.") { row, _ in
      .truth(row.isKernelThread)
    },
    .init(
      "children_user_avg", "user_avg of children that ended and were waited for.", .percentOfOneCPU,
      readsDescending: true
    ) { row, _ in .share(row.childrenAverage?.user) },
    .init(
      "children_sys_avg", "sys_avg of children that ended and were waited for.", .percentOfOneCPU,
      readsDescending: true
    ) { row, _ in .share(row.childrenAverage?.system) },
    .init(
      "children_user_now", "user_now of children that ended and were waited for.", .percentOfOneCPU,
      readsDescending: true
    ) { row, _ in .share(row.childrenRecent?.user) },
    .init(
      "children_sys_now", "sys_now of children that ended and were waited for.", .percentOfOneCPU,
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
