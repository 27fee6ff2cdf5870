import Linux
import ProcFS

/// Finds suspects: compares the CPU use of each process since a moment with its use in the minutes before.
struct Lineup {
  /// The length of the time before, in nanoseconds.
  private static let baseline: Int64 = 300_000_000_000
  /// The increase in CPUs that makes a process a suspect.
  private static let noticeable = 0.01
  private static let count = 5

  private let population: Population
  private let now: Instant
  private let before: (uses: [ProcessIdentity: CPUTrail.Entry], seconds: Double)
  private let during: (uses: [ProcessIdentity: CPUTrail.Entry], seconds: Double)

  /// - Parameters:
  ///   - start: When the cause began, in nanoseconds since boot.
  ///   - snapshot: The newest snapshot of the trail, with the living processes.
  init(_ trail: CPUTrail, since start: Int64, _ snapshot: Snapshot) {
    let past = trail.total(after: start - Self.baseline, until: start)
    let present = trail.total(after: start, until: snapshot.time.sinceBoot)
    now = snapshot.time
    population = Population(snapshot.processes, seen: past.entries + present.entries)
    before = (population.settle(past.entries), past.seconds)
    during = (population.settle(present.entries), present.seconds)
  }

  /// The five processes with the largest increase, in descending order.
  ///
  /// - Parameter choice: The processes that the rule watches; `nil` for all.
  func suspects(among choice: AlertMetric.ProcessChoice? = nil) -> [Suspect] {
    guard during.seconds > 0 else { return [] }
    let all = during.uses.values.filter(included(choice)).map(suspect)
    let grown = all.filter { $0.growth > Self.noticeable }
    // The order of a dictionary is random, so break ties by identity.
    let ranked = grown.sorted { ($1.growth, $0.identity) < ($0.growth, $1.identity) }
    return Array(ranked.prefix(Self.count))
  }

  /// Whether the rule watches the process of an entry; a filter chooses among the living only.
  private func included(_ choice: AlertMetric.ProcessChoice?) -> (CPUTrail.Entry) -> Bool {
    switch choice {
    case nil: return { _ in true }
    case .named(let name): return { $0.name == name }
    case .pid(let pid): return { $0.identity.pid == pid }
    case .matching(let filter):
      let rows = (try? filter.matching(population.rows, at: now)) ?? []
      let identities = Set(rows.map(\.identity))
      return { identities.contains($0.identity) }
    }
  }

  private func suspect(_ use: CPUTrail.Entry) -> Suspect {
    let past = before.uses[use.identity]?.used ?? 0
    return Suspect(
      identity: use.identity, name: use.name, startTime: use.startTime,
      before: before.seconds > 0 ? past / before.seconds : nil,
      during: use.used / during.seconds, hasEnded: !population.isAlive(use.identity))
  }
}

/// The living processes, and the ancestry of those that exited.
private struct Population {
  private let living: [Int32: ProcessRow]
  private let ancestry: Ancestry

  init(_ rows: [ProcessRow], seen entries: [CPUTrail.Entry]) {
    let living = Dictionary(rows.map { ($0.identity.pid, $0) }) { first, _ in first }
    let gone = entries.filter { living[$0.identity.pid]?.identity != $0.identity }
    self.living = living
    ancestry = Ancestry(
      living: Set(living.keys),
      parents: Dictionary(gone.map { ($0.identity.pid, $0.parentPID) }) { $1 })
  }

  /// The living processes, in no order.
  var rows: some Sequence<ProcessRow> { living.values }

  func isAlive(_ identity: ProcessIdentity) -> Bool {
    living[identity.pid]?.identity == identity
  }

  /// Adds the use of exited processes to their nearest living ancestors, as the process table does.
  func settle(_ entries: [CPUTrail.Entry]) -> [ProcessIdentity: CPUTrail.Entry] {
    var uses: [ProcessIdentity: CPUTrail.Entry] = [:]
    for entry in entries {
      var owner = entry
      if !isAlive(entry.identity), let ancestor = livingAncestor(of: entry) {
        owner = CPUTrail.Entry(ancestor)
      }
      owner.used = entry.used + (uses[owner.identity]?.used ?? 0)
      uses[owner.identity] = owner
    }
    return uses
  }

  /// - Returns: `nil` when the chain ends at init, which did not start the work.
  private func livingAncestor(of entry: CPUTrail.Entry) -> ProcessRow? {
    ancestry.nearestLiving(from: entry.parentPID).flatMap { $0 > 1 ? living[$0] : nil }
  }
}

extension CPUTrail.Entry {
  fileprivate init(_ row: ProcessRow) {
    self.init(
      identity: row.identity, name: row.name, parentPID: row.parentPID, startTime: row.startTime,
      used: 0)
  }
}
