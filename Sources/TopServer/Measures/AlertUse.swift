import Linux

/// How alert rules name and read a measure.
struct AlertUse<Part>: Sendable {
  /// The name in a rule file.
  let name: String
  /// The name in a sentence.
  let subject: String
  /// Returns the reason why there is no value.
  let missing: @Sendable (Snapshot) -> String
  /// Whether the value is divided by the number of CPUs.
  var isPerCPU = false
  /// Whether processes that used more CPU can be the cause.
  var isAboutCPU = false
  /// The time over which a rule averages the value by default, because it varies from second to second.
  var averaging = Duration.zero
  /// The time over which the kernel already averaged the value.
  ///
  /// See proc_loadavg(5) and Documentation/accounting/psi.rst.
  var kernelAveraging = Duration.zero
  /// Reads the value of this machine, if a rule watches another value than /system shows.
  var read: (@Sendable (Part) -> Double?)?
  /// Reads the value of another host, if that differs from the number that its agent sent.
  var readElsewhere: (@Sendable (AgentNumbers) -> Double?)?
}

/// A measure that a rule can watch.
struct WatchedMeasure: Sendable {
  let name: String
  let subject: String
  let unit: MeasureUnit
  /// Whether there is one value for each of several things, such as file systems.
  let isOfMany: Bool
  let isAboutCPU: Bool
  let averaging: Duration
  let kernelAveraging: Duration
  /// The value of this machine; `nil` if it is unknown, or if there are several values.
  let read: @Sendable (Snapshot) -> Double?
  let missing: @Sendable (Snapshot) -> String
  /// The value of another host; `nil` if agents do not send it.
  let readElsewhere: (@Sendable (AgentNumbers) -> Double?)?
}

extension WatchedMeasure {
  /// - Parameter part: Finds the part that the measure is read from.
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
  /// Names are unique.
  static func == (left: WatchedMeasure, right: WatchedMeasure) -> Bool { left.name == right.name }
}
