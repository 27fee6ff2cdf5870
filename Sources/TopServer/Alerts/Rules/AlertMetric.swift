/// What a rule watches: a measure of the machine, or another value.
enum AlertMetric: Sendable, Equatable {
  /// A measure that has one value.
  case measure(WatchedMeasure)
  /// Used share of a file system, or of the fullest one.
  case disk(mount: String?)
  /// The CPU use of processes together over the last interval, in CPUs.
  case process(ProcessChoice)
  /// Seconds since the newest sample of another host.
  case silence

  enum ProcessChoice: Sendable, Equatable {
    /// All processes with this name.
    case named(String)
    /// The process that has this pid when the rule first looks for it.
    case pid(Int32)
    /// All processes that pass this filter at the moment.
    case matching(Filter)
  }

  /// The metrics without a parameter, in the order of errors.
  static let plain: [AlertMetric] =
    Measures.watched.filter { !$0.isOfMany }.map { .measure($0) } + [.silence]

  /// The names that a rule accepts, in the order of errors.
  static let names = plain.map(\.name) + ["disk", "process"]

  /// The metric with this name, which must exist.
  static func known(_ name: String) -> AlertMetric {
    guard let metric = plain.first(where: { $0.name == name }) else {
      preconditionFailure("no measure is watched as \(name)")
    }
    return metric
  }

  static let cpu = known("cpu")

  private static let fileSystem = Measures.watched.first { $0.name == "disk" }

  /// The name in a rule file.
  var name: String {
    switch self {
    case .measure(let measure): measure.name
    case .disk: "disk"
    case .process: "process"
    case .silence: "silence"
    }
  }

  /// The name in a sentence.
  var subject: String {
    switch self {
    case .measure(let measure): measure.subject
    case .disk(let mount):
      (Self.fileSystem?.subject ?? "") + (mount.map { " at \(LogText.visible($0))" } ?? "")
    case .process(.named(let name)): "CPU of \(LogText.visible(name))"
    case .process(.pid(let pid)): "CPU of process \(pid)"
    case .process(.matching(let filter)):
      "CPU of processes with \(LogText.visible(filter.text))"
    case .silence: "silence of a host"
    }
  }

  var unit: AlertUnit {
    switch self {
    case .measure(let measure): AlertUnit(measure.unit)
    case .disk: .percent
    case .process: .percentOfOneCPU
    case .silence: .seconds
    }
  }

  /// Whether this machine has a value of it.
  var isAboutThisMachine: Bool { self != .silence }

  /// Whether other hosts have a value of it.
  var isAboutOtherHosts: Bool {
    switch self {
    case .measure(let measure): measure.readElsewhere != nil
    case .silence: true
    case .disk, .process: false
    }
  }

  /// Zero for a silence, which is a time itself.
  var defaultHold: Duration { self == .silence ? .zero : AlertRule.defaultHold }

  /// The time over which a rule averages the value by default; zero for values that vary little.
  var defaultAveraging: Duration {
    switch self {
    case .measure(let measure): measure.averaging
    case .process: .seconds(10)
    case .disk, .silence: .zero
    }
  }

  /// The time over which the kernel already averaged the value.
  var kernelAveraging: Duration {
    if case .measure(let measure) = self { measure.kernelAveraging } else { .zero }
  }

  /// Whether processes that used more CPU can be the cause.
  var isAboutCPU: Bool {
    switch self {
    case .measure(let measure): measure.isAboutCPU
    case .process: true
    case .disk, .silence: false
    }
  }
}
