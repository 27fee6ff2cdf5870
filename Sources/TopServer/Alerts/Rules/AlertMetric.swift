/// What a rule can watch: a measure of the machine, or something that is none.
enum AlertMetric: Sendable, Equatable {
  /// One of ``Measures/watched`` that has one value.
  case measure(WatchedMeasure)
  /// Used share of a file system, or of the fullest one.
  case disk(mount: String?)
  /// CPU use of processes together, in CPUs, since the sweep before.
  case process(ProcessChoice)
  /// Seconds since the newest sample of another host.
  case silence

  enum ProcessChoice: Sendable, Equatable {
    /// All that the kernel knows by this name.
    case named(String)
    /// The one that has this pid when it is first looked for.
    case pid(Int32)
  }

  /// Those that need no further word, in the order in which they are shown.
  static let plain: [AlertMetric] =
    Measures.watched.filter { !$0.isOfMany }.map { .measure($0) } + [.silence]

  /// The metric of a name that is there.
  static func known(_ name: String) -> AlertMetric {
    guard let metric = plain.first(where: { $0.name == name }) else {
      preconditionFailure("no measure is watched as \(name)")
    }
    return metric
  }

  static let cpu = known("cpu")

  private static let fileSystem = Measures.watched.first { $0.name == "disk" }

  /// What it is called in a file.
  var name: String {
    switch self {
    case .measure(let measure): measure.name
    case .disk: "disk"
    case .process: "process"
    case .silence: "silence"
    }
  }

  /// What it is called in a sentence.
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

  /// Whether it can be told of the machine that the server runs on.
  var isAboutThisMachine: Bool { self != .silence }

  /// Whether the messages of other hosts tell it.
  var isAboutOtherHosts: Bool {
    switch self {
    case .measure(let measure): measure.readElsewhere != nil
    case .silence: true
    case .disk, .process: false
    }
  }

  /// A silence is a time already.
  var defaultHold: Duration { self == .silence ? .zero : AlertRule.defaultHold }

  /// What leaps from second to second is a mean; the others are steady by themselves.
  var defaultAveraging: Duration {
    switch self {
    case .measure(let measure): measure.averaging
    case .process: .seconds(10)
    case .disk, .silence: .zero
    }
  }

  /// What the kernel has made a mean over, before a rule does so.
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
