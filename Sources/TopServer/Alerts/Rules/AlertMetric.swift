/// The subject of a rule: a measure of the machine, or something else.
enum AlertMetric: Sendable, Equatable {
  /// One of ``Measures/watched`` with a single value.
  case measure(WatchedMeasure)
  /// The used share of a file system, or of the fullest one.
  case disk(mount: String?)
  /// The total CPU use of processes since the previous sweep, in CPUs.
  case process(ProcessChoice)
  /// Seconds since the newest sample of another host.
  case silence

  enum ProcessChoice: Sendable, Equatable {
    /// All processes with this kernel name.
    case named(String)
    /// The process that has this pid when the rule is first evaluated.
    case pid(Int32)
  }

  /// The metrics without further settings, in the order in which they are shown.
  static let plain: [AlertMetric] =
    Measures.watched.filter { !$0.isOfMany }.map { .measure($0) } + [.silence]

  /// The metric with a known name.
  static func known(_ name: String) -> AlertMetric {
    guard let metric = plain.first(where: { $0.name == name }) else {
      preconditionFailure("no measure is watched as \(name)")
    }
    return metric
  }

  static let cpu = known("cpu")

  private static let fileSystem = Measures.watched.first { $0.name == "disk" }

  /// Its name in a file.
  var name: String {
    switch self {
    case .measure(let measure): measure.name
    case .disk: "disk"
    case .process: "process"
    case .silence: "silence"
    }
  }

  /// Its name in a sentence.
  var subject: String {
    switch self {
    case .measure(let measure): measure.subject
    case .disk(let mount):
      (Self.fileSystem?.subject ?? "") + (mount.map { " at \(LogText.visible($0))" } ?? "")
    case .process(.named(let name)): "CPU of \(LogText.visible(name))"
    case .process(.pid(let pid)): "CPU of process \(pid)"
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

  /// Whether it applies to the machine of the server.
  var isAboutThisMachine: Bool { self != .silence }

  /// Whether it applies to other hosts.
  var isAboutOtherHosts: Bool {
    switch self {
    case .measure(let measure): measure.readElsewhere != nil
    case .silence: true
    case .disk, .process: false
    }
  }

  /// Silence is a duration itself, so it needs no hold time.
  var defaultHold: Duration { self == .silence ? .zero : AlertRule.defaultHold }

  /// Fluctuating values are averaged by default.
  var defaultAveraging: Duration {
    switch self {
    case .measure(let measure): measure.averaging
    case .process: .seconds(10)
    case .disk, .silence: .zero
    }
  }

  /// The time over which the kernel averages it.
  var kernelAveraging: Duration {
    if case .measure(let measure) = self { measure.kernelAveraging } else { .zero }
  }

  /// Whether processes with more CPU use can be the cause.
  var isAboutCPU: Bool {
    switch self {
    case .measure(let measure): measure.isAboutCPU
    case .process: true
    case .disk, .silence: false
    }
  }
}
