/// Measures that are read from the same part of a machine and stand in /system under one path.
struct Family<Part>: Sendable {
  /// For example `memory`; empty for what stands at the top.
  let path: String
  let measures: [Measure<Part>]
  /// Those that are members of /system, in their order.
  let shown: [Measure<Part>]
  /// Those that the history keeps.
  let recorded: [Recorded]
  /// The part as it was in the newest interval.
  let part: @Sendable (Snapshot) -> Part?
  /// The part as agents send it and rules watch it.
  let watchedPart: @Sendable (Snapshot) -> Part?
  /// What members of a message must have in common.
  let rule: AgentRule

  /// A measure as the history keeps it.
  struct Recorded: Sendable {
    /// The whole path; in a family of many things what comes behind the name of the thing.
    let name: String
    let parts: Double
    /// The value as it is shown.
    let read: @Sendable (Part) -> Double?
  }

  /// - Parameters:
  ///   - isOfMany: Whether there is one part for each of several things, whose names are part of the path.
  ///   - part: Finds the part in a snapshot; `nil` where it is not known.
  ///   - watched: The same for agents and rules, where they mean another one.
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

/// What members of a message that belong together must have in common.
enum AgentRule: Sendable {
  /// Nothing: each is known or not.
  case each
  /// All of them are known, or none is.
  case all
  /// They are the parts of a whole: one that is missing is 0.
  case whole
}

/// What is said of a measure, whatever it is read from.
struct MeasureDescription: Sendable {
  /// With a star for the name of a thing, for example `disks.*.busy_percent`.
  let path: String
  let unit: MeasureUnit
  let help: String
  let decimals: Int
  let isShown: Bool
  /// How the history keeps it; `nil` when it does not.
  let recording: (parts: Double, weight: MeasureWeight)?
  let agents: AgentUse?
  let rule: AgentRule
  let alerts: [WatchedMeasure]
  /// The value as agents send it and rules watch it, inside; `nil` where the measure has several values.
  let read: @Sendable (Snapshot) -> Double?
}

/// A family of whatever part.
protocol AnyFamily: Sendable {
  var descriptions: [MeasureDescription] { get }

  /// Gives each value that the history keeps, as it is shown.
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

/// A family of which there is one part for each of several things, such as disks: the path has the name of the thing.
struct FamilyOfMany<Part>: AnyFamily {
  let family: Family<Part>
  /// The things that are listed one by one, and the sum of the others.
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
