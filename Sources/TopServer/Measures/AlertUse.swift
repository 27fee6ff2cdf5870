import Linux

/// How rules name a measure.
struct AlertUse<Part>: Sendable {
  /// What it is called in a file.
  let name: String
  /// What it is called in a sentence.
  let subject: String
  /// Why there is no value, where there is none.
  let missing: @Sendable (Snapshot) -> String
  /// Whether the value is divided by the number of CPUs.
  var isPerCPU = false
  /// Whether processes that used more CPU can be the cause.
  var isAboutCPU = false
  /// A value that leaps from second to second is watched as a mean over some time.
  var averaging = Duration.zero
  /// What the kernel has made a mean over already: see proc_loadavg(5), and Documentation/accounting/psi.rst.
  var kernelAveraging = Duration.zero
  /// What is watched of this machine, where that is not what is shown.
  var read: (@Sendable (Part) -> Double?)?
  /// The same of another host.
  var readElsewhere: (@Sendable (AgentNumbers) -> Double?)?
}

/// A measure as a rule watches it.
struct WatchedMeasure: Sendable {
  let name: String
  let subject: String
  let unit: MeasureUnit
  /// Whether there is a value for each of several things.
  let isOfMany: Bool
  let isAboutCPU: Bool
  let averaging: Duration
  let kernelAveraging: Duration
  /// The value of this machine; `nil` where it is not known, and where the measure has several values.
  let read: @Sendable (Snapshot) -> Double?
  let missing: @Sendable (Snapshot) -> String
  /// The value of another host; `nil` where agents do not send it.
  let readElsewhere: (@Sendable (AgentNumbers) -> Double?)?
}

extension WatchedMeasure {
  /// - Parameter part: Finds what the measure is about.
  init<Part>(
    _ measure: Measure<Part>, _ use: AlertUse<Part>, isOfMany: Bool,
    of part: @escaping @Sendable (Snapshot) -> Part?
  ) {
    (name, subject, unit) = (use.name, use.subject, measure.unit)
    self.isOfMany = isOfMany
    (isAboutCPU, missing) = (use.isAboutCPU, use.missing)
    (averaging, kernelAveraging) = (use.averaging, use.kernelAveraging)
    let isPerCPU = use.isPerCPU
    let readPart = use.read ?? { measure.read($0)?.number }
    read = { snapshot in
      let value = part(snapshot).flatMap(readPart)
      return isPerCPU ? value.map { $0 / Double(max(1, snapshot.cpuCount)) } : value
    }
    guard let place = measure.agents?.place else {
      readElsewhere = nil
      return
    }
    let readNumbers = use.readElsewhere ?? { $0[place] }
    readElsewhere = { numbers in
      guard isPerCPU else { return readNumbers(numbers) }
      guard let value = readNumbers(numbers), let cpus = numbers[.cpuCount] else { return nil }
      return value / max(1, cpus)
    }
  }
}

extension WatchedMeasure: Equatable {
  /// A name means one.
  static func == (left: WatchedMeasure, right: WatchedMeasure) -> Bool { left.name == right.name }
}
