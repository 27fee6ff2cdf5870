/// Measures that read the same part of a machine and have a common path in /system.
struct Family<Part>: Sendable {
  /// For example `memory`; empty at the top level.
  let path: String
  let measures: [Measure<Part>]
  /// The measures in /system, in their order.
  let shown: [Measure<Part>]
  /// The measures in the history.
  let recorded: [Recorded]
  /// The part in the newest interval.
  let part: @Sendable (Snapshot) -> Part?
  /// The part that agents send and rules watch.
  let watchedPart: @Sendable (Snapshot) -> Part?
  /// The constraint between its members in a message.
  let rule: AgentRule

  /// A measure in the history.
  struct Recorded: Sendable {
    /// The whole path; in a family of many items, the path after the item's name.
    let name: String
    let parts: Double
    /// The value in the shown unit.
    let read: @Sendable (Part) -> Double?
  }

  /// - Parameters:
  ///   - isOfMany: Whether there is one part for each of several items, whose names are part of the path.
  ///   - part: Finds the part in a snapshot; `nil` where it is unknown.
  ///   - watched: Finds the part for agents and rules, if it differs.
  init(
    _ path: String, isOfMany: Bool = false, rule: AgentRule = .each,
    of part: @escaping @Sendable (Snapshot) -> Part?,
    watched: (@Sendable (Snapshot) -> Part?)? = nil, _ measures: [Measure<Part>]
  ) {
    (self.path, self.rule, self.measures) = (path, rule, measures)
    (self.part, watchedPart) = (part, watched ?? part)
    shown = measures.filter(\.isShown)
    recorded = measures.compactMap { measure in
      guard let recording = measure.recording else { return nil }
      let unit = measure.unit
      let read = recording.read ?? { measure.read($0)?.number }
      return Recorded(
        name: isOfMany ? measure.name : Self.path(path, measure.name),
        parts: recording.parts ?? unit.parts
      ) { read($0).map(unit.shown) }
    }
  }

  fileprivate static func path(_ path: String, _ name: String) -> String {
    path.isEmpty ? name : "\(path).\(name)"
  }
}

/// The constraint between related members of a message.
enum AgentRule: Sendable {
  /// None: each may be missing.
  case each
  /// Either all are present, or none.
  case all
  /// They are the parts of a whole: a missing one is 0.
  case whole
}

/// The properties of a measure that do not depend on its part.
struct MeasureDescription: Sendable {
  /// The path, with a star for the name of an item, for example `disks.*.busy_percent`.
  let path: String
  let unit: MeasureUnit
  let help: String
  let decimals: Int
  let isShown: Bool
  /// How it is recorded; `nil` when it is not.
  let recording: (parts: Double, weight: MeasureWeight)?
  let agents: AgentUse?
  let rule: AgentRule
  let alerts: [WatchedMeasure]
  /// The stored value that agents send and rules watch; `nil` where the measure has several values.
  let read: @Sendable (Snapshot) -> Double?
}

/// A family of any part.
protocol AnyFamily: Sendable {
  var descriptions: [MeasureDescription] { get }

  /// Calls the closure with each recorded value, in the shown unit.
  func eachRecorded(
    in snapshot: Snapshot, _ give: (_ series: String, _ parts: Double, _ value: Double) -> Void)
}

extension Family: AnyFamily {
  var descriptions: [MeasureDescription] { descriptions(path, isOfMany: false) }

  fileprivate func descriptions(_ path: String, isOfMany: Bool) -> [MeasureDescription] {
    measures.map { measure in
      let part = watchedPart
      return MeasureDescription(
        path: Self.path(path, measure.name), unit: measure.unit, help: measure.help,
        decimals: measure.decimals, isShown: measure.isShown,
        recording: measure.recording.map { ($0.parts ?? measure.unit.parts, $0.weight) },
        agents: measure.agents, rule: rule,
        alerts: measure.alerts.map { WatchedMeasure(measure, $0, isOfMany: isOfMany, of: part) }
      ) { part($0).flatMap { measure.read($0)?.number } }
    }
  }

  func eachRecorded(in snapshot: Snapshot, _ give: (String, Double, Double) -> Void) {
    guard let part = part(snapshot) else { return }
    for measure in recorded {
      if let value = measure.read(part) { give(measure.name, measure.parts, value) }
    }
  }
}

/// A family with one part for each of several items, such as disks; the path contains the item's name.
struct FamilyOfMany<Part>: AnyFamily {
  let family: Family<Part>
  /// The listed items, and the sum of the others.
  let parts: @Sendable (Snapshot) -> [(name: String, part: Part)]

  init(
    _ path: String, _ measures: [Measure<Part>],
    of parts: @escaping @Sendable (Snapshot) -> [(name: String, part: Part)]
  ) {
    family = Family(path, isOfMany: true, of: { _ in nil }, measures)
    self.parts = parts
  }

  var descriptions: [MeasureDescription] { family.descriptions("\(family.path).*", isOfMany: true) }

  func eachRecorded(in snapshot: Snapshot, _ give: (String, Double, Double) -> Void) {
    for (name, part) in parts(snapshot) {
      for measure in family.recorded {
        guard let value = measure.read(part) else { continue }
        give("\(family.path).\(name).\(measure.name)", measure.parts, value)
      }
    }
  }
}
