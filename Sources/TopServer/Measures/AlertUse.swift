import Linux

/// How alert rules refer to a measure.
struct AlertUse<Part>: Sendable {
  /// Its name in a file.
  let name: String
  /// Its name in a sentence.
  let subject: String
  /// Why the value is missing.
  let missing: @Sendable (Snapshot) -> String
  /// Whether the value is divided by the number of CPUs.
  var isPerCPU = false
  /// Whether processes with more CPU use can be the cause.
  var isAboutCPU = false
  /// The default averaging time, for a value that fluctuates from second to second.
  var averaging = Duration.zero
  /// The time over which the kernel averages it: see proc_loadavg(5), and Documentation/accounting/psi.rst.
  var kernelAveraging = Duration.zero
  /// The watched value of this machine, if it differs from the shown one.
  var read: (@Sendable (Part) -> Double?)?
  /// The watched value of another host.
  var readElsewhere: (@Sendable (AgentNumbers) -> Double?)?
}

/// A measure in the form in which a rule watches it.
struct WatchedMeasure: Sendable {
  let name: String
  let subject: String
  let unit: MeasureUnit
  /// Whether there is one value for each of several items.
  let isOfMany: Bool
  let isAboutCPU: Bool
  let averaging: Duration
  let kernelAveraging: Duration
  /// The value of this machine; `nil` where it is unknown or the measure has several values.
  let read: @Sendable (Snapshot) -> Double?
  let missing: @Sendable (Snapshot) -> String
  /// The value of another host; `nil` where agents do not send it.
  let readElsewhere: (@Sendable (AgentNumbers) -> Double?)?
}

extension WatchedMeasure {
  /// - Parameter part: Finds the measure's part of the machine.
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
  /// Equal names mean the same measure.
  static func == (left: WatchedMeasure, right: WatchedMeasure) -> Bool { left.name == right.name }
}
