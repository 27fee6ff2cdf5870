import Linux
import ProcFS

/// Finds suspects: compares what each process used since a moment with the minutes before it.
struct Lineup {
  /// How far back "before" goes, in nanoseconds.
  private static let baseline: Int64 = 300_000_000_000
  /// CPUs of growth below which nobody is suspect.
  private static let noticeable = 0.01
  private static let count = 5

  private let population: Population
  private let before: (uses: [ProcessIdentity: CPUTrail.Entry], seconds: Double)
  private let during: (uses: [ProcessIdentity: CPUTrail.Entry], seconds: Double)

  /// - Parameters:
  ///   - start: Nanoseconds since boot at which the trouble began.
  ///   - snapshot: The newest one of the trail, which says who is still there.
  init(_ trail: CPUTrail, since start: Int64, _ snapshot: Snapshot) {
    let past = trail.total(after: start - Self.baseline, until: start)
    let present = trail.total(after: start, until: snapshot.time.sinceBoot)
    population = Population(snapshot.processes, seen: past.entries + present.entries)
    before = (population.settle(past.entries), past.seconds)
    during = (population.settle(present.entries), present.seconds)
  }

  /// The five that grew most, the worst first.
  ///
  /// - Parameter choice: Whom the rule is about; `nil` for everybody.
  func suspects(among choice: AlertMetric.ProcessChoice? = nil) -> [Suspect] {
    guard during.seconds > 0 else { return [] }
    let all = during.uses.values.filter { choice?.includes($0) ?? true }.map(suspect)
    let grown = all.filter { $0.growth > Self.noticeable }
    // The order of a dictionary is by chance, that of equals must not be.
    let ranked = grown.sorted { ($1.growth, $0.identity) < ($0.growth, $1.identity) }
    return Array(ranked.prefix(Self.count))
  }

  private func suspect(_ use: CPUTrail.Entry) -> Suspect {
    let past = before.uses[use.identity]?.used ?? 0
    return Suspect(
      identity: use.identity, name: use.name, startTime: use.startTime,
      before: before.seconds > 0 ? past / before.seconds : nil,
      during: use.used / during.seconds, hasEnded: !population.isAlive(use.identity))
  }
}

/// Who is there, and who was.
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

  func isAlive(_ identity: ProcessIdentity) -> Bool {
    living[identity.pid]?.identity == identity
  }

  /// Gives what ended processes used to those they worked for, as the table of processes does.
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

  /// - Returns: `nil` when the chain ends at init, which is nobody's employer.
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

extension AlertMetric.ProcessChoice {
  fileprivate func includes(_ entry: CPUTrail.Entry) -> Bool {
    switch self {
    case .named(let name): entry.name == name
    case .pid(let pid): entry.identity.pid == pid
    }
  }
}
