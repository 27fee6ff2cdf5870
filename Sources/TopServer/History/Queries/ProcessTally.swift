import ProcFS

/// What was found of each process of a stretch of time, in little memory: there may be hundreds of thousands.
struct ProcessTally<Use: Sendable> {
  /// Finds what is known of a process.
  typealias LookUp = (ProcessReference) throws -> RecordedProcess?

  /// What was found of one process under all names that it had.
  struct Entry {
    /// The newest of them.
    var reference: ProcessReference
    var identity: ProcessIdentity
    /// Tells boots apart.
    fileprivate var boot: Int
    var use: Use
  }

  private let none: Use
  private var uses: [ProcessReference: Use] = [:]

  /// - Parameter none: What is known of a process before anything was found.
  init(_ none: Use) { self.none = none }

  /// - Throws: a ``HistoryError`` when these are more processes than one question looks at.
  mutating func change(_ process: ProcessReference, _ body: (inout Use) -> Void) throws {
    let none = none
    body(&uses[process, default: none])
    try HistoryBudget.check(processes: uses.count)
  }

  /// What was found, each process once: one that took another name goes on under another reference.
  ///
  /// - Parameters:
  ///   - later: Takes the next reference of each process that has several.
  ///   - join: Adds what was found of the same process under a later name.
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
    // In place, since there may be many: what is behind `count` has joined one before it.
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
