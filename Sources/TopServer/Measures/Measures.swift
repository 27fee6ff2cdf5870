/// The catalogue of all measures; the other files of this folder define them by part of the machine.
enum Measures {
  /// In the order of docs/measures.md.
  static let families: [any AnyFamily] =
    [machine, cpu, load, memory, swap]
    + [disks, diskTotal, fileSystems, allFileSystems, network, networkTotal] + pressure
    + [ledger, ledgerSums, processes, forks, cgroup, cpuTime, own, sweep]

  static let all: [MeasureDescription] = families.flatMap(\.descriptions)

  /// The measures of other hosts at a hub, in the order of messages.
  static let ofOtherHosts: [(description: MeasureDescription, agents: AgentUse)] =
    all.compactMap { measure in measure.agents.map { (measure, $0) } }
    .sorted { $0.1.place.rawValue < $1.1.place.rawValue }

  /// The measures that rules can watch: in each family the first metric of every measure, then the second.
  static let watched: [WatchedMeasure] = families.flatMap { family in
    let uses = family.descriptions.map(\.alerts)
    return (0..<(uses.map(\.count).max() ?? 0)).flatMap { way in
      uses.compactMap { way < $0.count ? $0[way] : nil }
    }
  }

  private static let byPath = Dictionary(uniqueKeysWithValues: all.map { ($0.path, $0) })

  /// The measure with this path.
  static func at(_ path: String) -> MeasureDescription? { byPath[path] }
}
