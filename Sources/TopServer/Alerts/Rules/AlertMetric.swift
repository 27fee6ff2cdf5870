/// What a rule can watch.
enum AlertMetric: Sendable, Equatable {
  /// Busy share of all CPUs, since the sweep before.
  case cpu
  /// Load average, as it is or divided by the number of CPUs.
  case load(LoadSpan, perCPU: Bool)
  /// Share of the memory that is not available.
  case memory
  case swap
  /// Used share of a file system, or of the fullest one.
  case disk(mount: String?)
  /// Share of the last ten seconds in which some task waited for it.
  case pressure(Resource)
  /// Share of the busy time of the window that has a process to go with it.
  case coverage
  /// CPU use of processes together, in CPUs, since the sweep before.
  case process(ProcessChoice)
  /// Seconds since the newest sample of another host.
  case silence

  /// Minutes of a load average.
  enum LoadSpan: Int, Sendable, CaseIterable {
    case one = 1
    case five = 5
    case fifteen = 15
  }

  enum Resource: String, Sendable, CaseIterable {
    case cpu, memory, io
  }

  enum ProcessChoice: Sendable, Equatable {
    /// All that the kernel knows by this name.
    case named(String)
    /// The one that has this pid when it is first looked for.
    case pid(Int32)
  }

  /// Those that need no further word, in the order in which they are shown.
  static let plain: [AlertMetric] =
    [.cpu]
    + [false, true].flatMap { perCPU in LoadSpan.allCases.map { .load($0, perCPU: perCPU) } }
    + [.memory, .swap] + Resource.allCases.map { .pressure($0) } + [.coverage, .silence]

  /// What it is called in a file.
  var name: String {
    switch self {
    case .cpu: "cpu"
    case .load(let span, let perCPU): "load\(span.rawValue)\(perCPU ? "_per_cpu" : "")"
    case .memory: "memory"
    case .swap: "swap"
    case .disk: "disk"
    case .pressure(let resource): "\(resource.rawValue)_pressure"
    case .coverage: "coverage"
    case .process: "process"
    case .silence: "silence"
    }
  }

  /// What it is called in a sentence.
  var subject: String {
    switch self {
    case .cpu: "CPU"
    case .load(let span, let perCPU):
      "load of \(span.rawValue) min\(perCPU ? " per CPU" : "")"
    case .memory: "memory in use"
    case .swap: "swap in use"
    case .disk(let mount): "disk space in use\(mount.map { " at \(LogText.visible($0))" } ?? "")"
    case .pressure(let resource):
      "pressure on \(resource == .cpu ? "CPU" : resource == .io ? "I/O" : "memory")"
    case .coverage: "coverage"
    case .process(.named(let name)): "CPU of \(LogText.visible(name))"
    case .process(.pid(let pid)): "CPU of process \(pid)"
    case .silence: "silence of a host"
    }
  }

  var unit: AlertUnit {
    switch self {
    case .cpu: .percentOfAllCPUs
    case .load: .number
    case .process: .percentOfOneCPU
    case .memory, .swap, .disk, .pressure, .coverage: .percent
    case .silence: .seconds
    }
  }

  /// Whether it can be told of the machine that the server runs on.
  var isAboutThisMachine: Bool { self != .silence }

  /// Whether the messages of other hosts tell it.
  var isAboutOtherHosts: Bool {
    switch self {
    case .cpu, .load, .memory, .coverage, .silence: true
    case .swap, .disk, .pressure, .process: false
    }
  }

  /// A silence is a time already.
  var defaultHold: Duration { self == .silence ? .zero : AlertRule.defaultHold }

  /// The CPU leaps from second to second, so its values are means; the others are steady by themselves.
  var defaultAveraging: Duration {
    switch self {
    case .cpu, .process: .seconds(10)
    default: .zero
    }
  }

  /// What the kernel has made a mean over, before a rule does so: see proc_loadavg(5), and Documentation/accounting/psi.rst.
  var kernelAveraging: Duration {
    switch self {
    case .load(let span, _): .seconds(60 * span.rawValue)
    case .pressure: .seconds(10)
    default: .zero
    }
  }

  /// Whether processes that used more CPU can be the cause.
  var isAboutCPU: Bool {
    switch self {
    case .cpu, .load, .pressure(.cpu), .process: true
    default: false
    }
  }
}
