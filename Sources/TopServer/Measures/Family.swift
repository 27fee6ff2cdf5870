/// Measures that are read from the same part of a snapshot and have the same path in /system.
struct Family<Part>: Sendable {
  /// For example `memory`; empty for members of the top level.
  let path: String
  let measures: [Measure<Part>]
  /// The measures that /system shows, in its order.
  let shown: [Measure<Part>]
  /// The measures that the history records.
  let recorded: [Recorded]
  /// The part in the last interval.
  let part: @Sendable (Snapshot) -> Part?
  /// The part that agents send and rules watch.
  let watchedPart: @Sendable (Snapshot) -> Part?
  /// The condition that the members of an object in a message must satisfy together.
  let rule: AgentRule

  /// A measure that the history records.
  struct Recorded: Sendable {
    /// The whole path; in a family of many things, the part after the name of the thing.
    let name: String
    let parts: Double
    /// The value in the unit of the measure.
    let read: @Sendable (Part) -> Double?
  }

  /// - Parameters:
  ///   - isOfMany: Whether each of several things has a part, and its name is in the path.
  ///   - part: Finds the part in a snapshot; `nil` if it is unknown.
  ///   - watched: The same for agents and rules, if they use another part.
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

/// The condition that the members of one object in a message must satisfy together.
enum AgentRule: Sendable {
  /// None: each may be missing.
  case each
  /// If one is missing, all are ignored.
  case all
  /// They are the parts of a whole; a missing one is 0.
  case whole
}

/// A measure without the type of the part that it is read from.
struct MeasureDescription: Sendable {
  /// A star is a placeholder for the name of a thing, for example `disks.*.busy_percent`.
  let path: String
  let unit: MeasureUnit
  let help: String
  let decimals: Int
  let isShown: Bool
  /// How the history records it; `nil` if it does not.
  let recording: (parts: Double, weight: MeasureWeight)?
  let agents: AgentUse?
  let rule: AgentRule
  let alerts: [WatchedMeasure]
  /// The value that agents send and rules watch, with shares as fractions; `nil` if there are several values.
  let read: @Sendable (Snapshot) -> Double?
}

/// A family without the type of its part.
protocol AnyFamily: Sendable {
  var descriptions: [MeasureDescription] { get }

  /// Passes each value that the history records, in the unit of its measure.
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

/// A family with a part for each of several things, such as disks, whose names are in the paths.
struct FamilyOfMany<Part>: AnyFamily {
  let family: Family<Part>
  /// The things that are listed, and the sum of the others.
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
