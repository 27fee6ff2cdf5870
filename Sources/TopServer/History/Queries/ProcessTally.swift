import ProcFS

/// Collects one value for each process of a time range, in little memory since there may be hundreds of thousands.
struct ProcessTally<Use: Sendable> {
  /// Finds the facts about a process.
  typealias LookUp = (ProcessReference) throws -> RecordedProcess?

  /// The value of one process under all of its references.
  struct Entry {
    /// The newest reference.
    var reference: ProcessReference
    var identity: ProcessIdentity
    /// Distinguishes boots.
    fileprivate var boot: Int
    var use: Use
  }

  private let none: Use
  private var uses: [ProcessReference: Use] = [:]

  /// - Parameter none: The initial value of a process.
  init(_ none: Use) { self.none = none }

  /// - Throws: a ``HistoryError`` when the range has more processes than one query may examine.
  mutating func change(_ process: ProcessReference, _ body: (inout Use) -> Void) throws {
    let none = none
    body(&uses[process, default: none])
    try HistoryBudget.check(processes: uses.count)
  }

  /// The values, merged for each process: a process that changed its name continues under another reference.
  ///
  /// - Parameters:
  ///   - later: Receives the next reference of each process that has several.
  ///   - join: Adds the value of the same process under a later reference.
  func joined(
    _ lookUp: LookUp, later: inout [ProcessReference: ProcessReference],
    _ join: (inout Use, Use) -> Void
  ) throws -> [Entry] {
    var entries = try identified(lookUp)
    entries.sort { left, right in
      if left.boot != right.boot { return left.boot < right.boot }
      if left.identity != right.identity { return left.identity < right.identity }
      return left.reference < right.reference
    }
    // Merge in place, since there may be many entries: those at `count` and after are already merged.
    var count = 0
    for index in entries.indices {
      let entry = entries[index]
      if count > 0, entries[count - 1].boot == entry.boot,
        entries[count - 1].identity == entry.identity
      {
        join(&entries[count - 1].use, entry.use)
        later[entries[count - 1].reference] = entry.reference
        entries[count - 1].reference = entry.reference
      } else {
        entries[count] = entry
        count += 1
      }
    }
    entries.removeLast(entries.count - count)
    return entries
  }

  private func identified(_ lookUp: LookUp) throws -> [Entry] {
    var boots: [String: Int] = [:]
    var entries: [Entry] = []
    entries.reserveCapacity(uses.count)
    for (reference, use) in uses {
      try Task.checkCancellation()
      guard let process = try lookUp(reference) else { continue }
      let boot = boots[process.bootID] ?? boots.count
      boots[process.bootID] = boot
      entries.append(
        Entry(reference: reference, identity: process.identity, boot: boot, use: use))
    }
    return entries
  }
}
