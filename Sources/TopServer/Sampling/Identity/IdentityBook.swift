import ProcFS

/// Keeps who is behind each process, and decides which process must be read now.
///
/// A new process is read first, and one whose kernel name changed. A process that ran since it was read can have other
/// arguments or another executable; it is read again after 1, 2, 4, 8 and 16 seconds, and then every ``period``. The
/// control group of a process that did not run is read once in a ``period``, unless a list of its group's processes
/// shows that it is still there (see ``GroupCheck``).
///
/// Pure: the caller passes each moment, in nanoseconds on a monotonic clock.
struct IdentityBook: Sendable {
  /// The maximum number of new or renamed processes that are read in one sweep.
  ///
  /// The others are read in the next sweeps, so many new processes cost no more than this.
  static let mostFresh = 256
  /// The same for the first sweep, at the start of the program.
  static let mostAtStart = 20_000
  /// The maximum number of repeated readings in one sweep, whatever the number of processes.
  static let mostRepeated = 4096
  /// Nanoseconds after which a reading is repeated, up to 3 s more for some, so that not all are due at once.
  ///
  /// With the time for the budget to get around, nothing is older than 30 s.
  static let period: Int64 = 23_000_000_000
  private static let second: Int64 = 1_000_000_000
  private static let never = Int64.min / 2

  private struct Known: Sendable {
    let identity: ProcessIdentity
    let isKernelThread: Bool
    /// The kernel's name in the last sweep.
    var name: String
    var isRead = false
    /// Whether a thread that reads it hangs.
    var isHeld = false
    /// The number of readings since it was new or renamed, at most 6.
    var readings: UInt8 = 0
    var refusals = Refusals()
    var ranInSweep = 0
    /// The value of ``ranInSweep`` at the last reading of everything.
    var readInSweep = -1
    var readAt = IdentityBook.never
    var groupAt = IdentityBook.never
    /// The hash of what the details were made of; it saves making them again.
    var fingerprint = 0
    var group: CgroupText?
    var details: ProcessDetails?
  }

  private struct Refusals: OptionSet {
    let rawValue: UInt8
    static let executable = Refusals(rawValue: 1)
    static let arguments = Refusals(rawValue: 2)
    static let groups = Refusals(rawValue: 4)
  }

  private struct Turn {
    var identity: ProcessIdentity
    var scope: IdentityErrand.Scope
    /// When it was read last.
    var readAt: Int64
  }

  private let commandLines: CommandLines
  /// In ascending order of pid.
  private var known: [Known] = []
  private var fresh: ArraySlice<ProcessIdentity> = []
  private var repeated: ArraySlice<Turn> = []
  private var cgroups = CgroupCache()
  /// Equal details are one object.
  private var pool: Set<ProcessDetails> = []
  private var followedAt: Int64?
  /// The processes whose files may not be read.
  private(set) var notPermitted = NotPermitted()

  init(commandLines: CommandLines) {
    self.commandLines = commandLines
  }

  /// The number of processes.
  var count: Int { known.count }
  /// The number of different details that are kept for sharing.
  var poolCount: Int { pool.count }
  /// The number of processes that wait for a reading in this sweep.
  var waitingCount: Int { fresh.count + repeated.count }

  // MARK: - Following the population

  /// Takes over the processes of a sweep, forgets the others, and plans the readings until the next sweep.
  ///
  /// - Parameter entries: In ascending order of pid.
  mutating func follow(_ entries: [ProcessEntry], at now: Int64) {
    merge(entries)
    let isFirst = followedAt == nil
    let elapsed = followedAt.map { max(0, now - $0) } ?? 0
    followedAt = now
    var newest: [ProcessIdentity] = []
    var turns: [Turn] = []
    let mostFresh = isFirst ? Self.mostAtStart : Self.mostFresh
    for index in known.indices where entries[index].stat.state != .zombie && !known[index].isHeld {
      known[index].ranInSweep = entries[index].ranInSweep
      if known[index].name != entries[index].stat.name { rename(index, entries[index].stat.name) }
      if !known[index].isRead {
        if newest.count < mostFresh { newest.append(known[index].identity) }
      } else if let turn = turn(of: index, at: now) {
        turns.append(turn)
      }
    }
    let share = Double(known.count) * Double(elapsed) / Double(Self.period)
    let most = min(Self.mostRepeated, 64 + Int(4 * min(share, 1e6)))
    if turns.count > most { turns.sort { $0.readAt < $1.readAt } }
    fresh = newest[...]
    repeated = turns.prefix(most)
    if pool.count > 2 * known.count + 1024 { pool = Set(known.compactMap(\.details)) }
  }

  /// New processes mostly have the highest pids, so only the end of the list is made again.
  private mutating func merge(_ entries: [ProcessEntry]) {
    var same = 0
    let most = min(known.count, entries.count)
    while same < most, known[same].identity == entries[same].stat.identity { same += 1 }
    guard same < known.count || same < entries.count else { return }
    var next: [Known] = []
    var old = same
    for entry in entries[same...] {
      let identity = entry.stat.identity
      while old < known.count, known[old].identity < identity {
        count(known[old].refusals, -1)
        old += 1
      }
      if old < known.count, known[old].identity == identity {
        next.append(known[old])
        old += 1
      } else {
        next.append(
          Known(
            identity: identity, isKernelThread: entry.stat.isKernelThread, name: entry.stat.name))
      }
    }
    for rest in known[old...] { count(rest.refusals, -1) }
    known.replaceSubrange(same..., with: next)
  }

  /// Notes another name of the kernel, after which a process must be read.
  ///
  /// The kernel's own threads change their names with their work, and have nothing else to read.
  private mutating func rename(_ index: Int, _ name: String) {
    known[index].name = name
    guard known[index].isKernelThread else {
      known[index].isRead = false
      known[index].readings = 0
      return
    }
    guard known[index].details != nil else { return }
    known[index].details = intern(details(of: known[index], IdentityReading()))
  }

  private func turn(of index: Int, at now: Int64) -> Turn? {
    let period = Self.period + Int64(known[index].identity.pid % 4) * Self.second
    let ran = known[index].ranInSweep > known[index].readInSweep
    if ran, !known[index].isKernelThread {
      // A little less, since two sweeps can be closer together than the interval.
      let pause = min(Self.second << (known[index].readings - 1) * 9 / 10, period)
      if now - known[index].readAt >= pause {
        return Turn(
          identity: known[index].identity, scope: .everything, readAt: known[index].readAt)
      }
    }
    guard now - known[index].groupAt >= period else { return nil }
    return Turn(identity: known[index].identity, scope: .group, readAt: known[index].groupAt)
  }

  // MARK: - Reading

  /// The next process to read.
  ///
  /// - Parameter isFresh: Whether only new and renamed processes count.
  mutating func next(isFresh: Bool) -> IdentityErrand? {
    while let identity = fresh.popFirst() {
      if let errand = errand(identity, .everything) { return errand }
    }
    while !isFresh, let turn = repeated.popFirst() {
      if let errand = errand(turn.identity, turn.scope) { return errand }
    }
    return nil
  }

  private func errand(_ identity: ProcessIdentity, _ scope: IdentityErrand.Scope)
    -> IdentityErrand?
  {
    guard let index = place(of: identity), !known[index].isHeld else { return nil }
    let isKernelThread = known[index].isKernelThread
    return IdentityErrand(
      identity: identity, name: known[index].name, isKernelThread: isKernelThread,
      scope: isKernelThread ? .group : scope, ranInSweep: known[index].ranInSweep)
  }

  /// Takes over what was read.
  mutating func learn(_ reading: IdentityReading, for errand: IdentityErrand, at now: Int64) {
    guard let index = place(of: errand.identity) else { return }
    known[index].isHeld = false
    if errand.scope == .executable { return compare(reading.executable, index) }
    known[index].groupAt = now
    if errand.scope == .everything || errand.isKernelThread {
      known[index].isRead = errand.name == known[index].name
      known[index].readInSweep = errand.ranInSweep
      known[index].readAt = now
      known[index].readings = min(known[index].readings + 1, 6)
    }
    // What is known of a process that has exited stays valid until it leaves the table.
    guard !reading.isEmpty else { return }
    let group = reading.groups.bytes.map { cgroups.text($0) }
    var refusals = known[index].refusals
    refusals.set(.groups, reading.groups == .notPermitted)
    var fingerprint = known[index].fingerprint
    if errand.scope == .everything {
      refusals.set(.executable, reading.executable == .notPermitted)
      refusals.set(.arguments, reading.arguments == .notPermitted)
      var hasher = Hasher()
      hasher.combine(errand.name)
      hasher.combine(reading.executable.bytes)
      hasher.combine(reading.arguments.bytes)
      fingerprint = hasher.finalize()
    }
    count(known[index].refusals, -1)
    count(refusals, 1)
    known[index].refusals = refusals
    let isSameGroup = group === known[index].group
    known[index].group = group
    if let details = known[index].details {
      guard !isSameGroup || fingerprint != known[index].fingerprint else { return }
      if errand.scope == .group, !errand.isKernelThread {
        known[index].details = intern(details.inGroup(group?.identity))
        return
      }
    } else if errand.scope == .group, !errand.isKernelThread {
      return
    }
    known[index].fingerprint = fingerprint
    known[index].details = intern(details(of: known[index], reading))
  }

  /// Reads all processes with the same details again if the executable of one has changed without running: its file
  /// is gone.
  private mutating func compare(_ reading: IdentityFiles.Reading, _ index: Int) {
    guard let bytes = reading.bytes, let details = known[index].details,
      details.executable != ExecutablePath(link: bytes)
    else { return }
    for other in known.indices where known[other].details === details {
      known[other].readInSweep = -1
      known[other].readAt = Self.never
    }
  }

  /// Plans to read the executable of one process for all different details.
  ///
  /// Programs are upgraded while they sleep. Processes with equal details have the same file, so one link is enough.
  mutating func checkExecutables() {
    var seen: Set<ObjectIdentifier> = []
    var last: ProcessDetails?
    for one in known where one.isRead && !one.isHeld && !one.isKernelThread {
      guard let details = one.details, details !== last, details.executable != nil else { continue }
      last = details
      guard seen.insert(ObjectIdentifier(details)).inserted else { continue }
      guard repeated.count < Self.mostRepeated else { return }
      repeated.append(Turn(identity: one.identity, scope: .executable, readAt: one.readAt))
    }
  }

  private func details(of known: Known, _ reading: IdentityReading) -> ProcessDetails {
    let cut = reading.arguments.bytes.map { $0.count > ArgumentList.mostBytes } ?? false
    let arguments = ArgumentList(reading.arguments.bytes ?? [], isCut: cut)
    let executable = reading.executable.bytes.map { ExecutablePath(link: $0) }
    let program = ProgramName.of(
      comm: known.name, arguments: arguments, executable: executable,
      isKernelThread: known.isKernelThread)
    let hasText = commandLines != .off && !known.isKernelThread && reading.arguments.bytes != nil
    return ProcessDetails(
      program: program, executable: executable,
      command: hasText
        ? CommandLineText.of(arguments, scrubbing: commandLines == .scrubbed) : nil,
      cgroup: known.group?.identity)
  }

  private mutating func intern(_ details: ProcessDetails) -> ProcessDetails {
    pool.insert(details).memberAfterInsert
  }

  private mutating func count(_ refusals: Refusals, _ by: Int) {
    if refusals.contains(.executable) { notPermitted.executables += by }
    if refusals.contains(.arguments) { notPermitted.arguments += by }
    if refusals.contains(.groups) { notPermitted.groups += by }
  }

  /// Leaves a process alone, because the thread that reads it hangs, until ``learn(_:for:at:)`` has its reading.
  mutating func hold(_ identity: ProcessIdentity) {
    guard let index = place(of: identity) else { return }
    known[index].isHeld = true
  }

  // MARK: - Checking groups

  /// The processes of each group that has at least ``GroupCheck/fewest``.
  func groupsToCheck() -> [GroupCheck.Group] {
    var groups: [GroupCheck.Group] = []
    var places: [ObjectIdentifier: Int] = [:]
    var last: (text: CgroupText, place: Int)?
    for one in known where one.isRead && !one.isHeld {
      guard let text = one.group else { continue }
      // Neighbours are often in the same group.
      if let last, last.text === text {
        groups[last.place].pids.append(one.identity.pid)
        continue
      }
      let place = places[ObjectIdentifier(text)] ?? groups.count
      if place == groups.count {
        groups.append(GroupCheck.Group(text: text, pids: []))
        places[ObjectIdentifier(text)] = place
      }
      groups[place].pids.append(one.identity.pid)
      last = (text, place)
    }
    return groups.filter { $0.pids.count >= GroupCheck.fewest }
  }

  /// Takes the result of a check that began at a moment: the processes that were found need no reading until later,
  /// and the missing ones need one now.
  mutating func settle(_ results: [GroupCheck.Result], from begin: Int64) {
    let missing = Dictionary(
      results.map { (ObjectIdentifier($0.text), $0.missing) }, uniquingKeysWith: { $1 })
    for index in known.indices {
      guard let text = known[index].group, let missing = missing[ObjectIdentifier(text)] else {
        continue
      }
      let isMissing = missing.contains(known[index].identity.pid)
      if known[index].groupAt < begin { known[index].groupAt = isMissing ? Self.never : begin }
    }
  }

  // MARK: - Answering

  /// What is known of a process; `nil` before its first reading.
  ///
  /// - Parameter place: Where to look, from 0. It moves on, so that processes in ascending order of pid need no search.
  func details(of identity: ProcessIdentity, from place: inout Int) -> ProcessDetails? {
    while place < known.count, known[place].identity < identity { place += 1 }
    guard place < known.count, known[place].identity == identity else { return nil }
    return known[place].details
  }

  private func place(of identity: ProcessIdentity) -> Int? {
    var (low, high) = (0, known.count)
    while low < high {
      let middle = (low + high) / 2
      if known[middle].identity < identity { low = middle + 1 } else { high = middle }
    }
    return low < known.count && known[low].identity == identity ? low : nil
  }
}

extension OptionSet {
  fileprivate mutating func set(_ member: Element, _ isIn: Bool) {
    if isIn { insert(member) } else { remove(member) }
  }
}
