/// The catalogue: every number of a machine, defined once.
///
/// The definitions stand beside this file, by part of the machine. /system, the history, the messages of agents, the
/// history of other hosts, the metrics of rules and docs/measures.md are made from them.
enum Measures {
  /// In the order of docs/measures.md.
  static let families: [any AnyFamily] =
    [machine, cpu, load, memory, swap]
    + [disks, diskTotal, fileSystems, allFileSystems, network, networkTotal] + pressure
    + [ledger, processes, forks, cgroup, cpuTime, own, sweep]

  static let all: [MeasureDescription] = families.flatMap(\.descriptions)

  /// Those that are known of other hosts, in the order in which messages have them.
  static let ofOtherHosts: [(description: MeasureDescription, agents: AgentUse)] =
    all.compactMap { measure in measure.agents.map { (measure, $0) } }
    .sorted { $0.1.place.rawValue < $1.1.place.rawValue }

  /// Those that rules can name: of each family in the way that each measure has first, and then in the next.
  static let watched: [WatchedMeasure] = families.flatMap { family in
    let uses = family.descriptions.map(\.alerts)
    return (0..<(uses.map(\.count).max() ?? 0)).flatMap { way in
      uses.compactMap { way < $0.count ? $0[way] : nil }
    }
  }

  private static let byPath = Dictionary(uniqueKeysWithValues: all.map { ($0.path, $0) })

  /// The measure with a path; without a star, so one of those of which there is one value.
  static func at(_ path: String) -> MeasureDescription? { byPath[path] }
}
