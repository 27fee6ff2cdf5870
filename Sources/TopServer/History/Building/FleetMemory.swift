import Linux

/// The part of other hosts' history that is not in the file yet; pure, the caller passes the time.
struct FleetMemory: Sendable {
  /// The number of batches in which every host is packed once, so that no batch has much to pack.
  static let rounds = 12
  /// The limit of held bytes while the file cannot be written.
  private static let mostBytes = 64 << 20
  /// Nanoseconds for which blocks are held, and for which a silent host is remembered.
  private static let longest: Int64 = 3600 * 1_000_000_000
  /// Nanoseconds of silence after which a provisional host is forgotten along with its samples.
  private static let provisionalLongest: Int64 = 600 * 1_000_000_000
  /// Nanoseconds without a sample after which a minute is complete.
  private static let silence: Int64 = 30 * 1_000_000_000
  /// The number of open minutes after which a host is packed with the next batch, out of turn.
  private static let crowd = 16
  /// The limits of a sample's age, and of its lead, in milliseconds by this machine's clock.
  private static let oldest: Int64 = 24 * 3_600_000
  private static let newest: Int64 = 3_600_000

  /// Whether there is a file to write to.
  private let hasFile: Bool
  private var records: [String: UnstoredHost] = [:]
  /// The hosts in the order of their numbers in the file, so that blocks of one batch are adjacent.
  private var order: [String] = []
  private var ranks: [String: Int] = [:]
  private var nextRank = 0
  /// The hosts with too many open minutes to wait for their turn.
  private var crowded: Set<String> = []
  private var round = 0
  private var nextNumber: UInt64 = 1
  private var heldBytes = 0
  /// Samples that were dropped because the file could not be written for too long or their time was implausible.
  private(set) var lostPoints = 0
  /// Whether the last batch reached the file.
  var isWriting: Bool

  init(hasFile: Bool) {
    self.hasFile = hasFile
    isWriting = hasFile
  }

  /// Adds the hosts in the file, in the order of their numbers there, and sorts the hosts that were added earlier.
  mutating func know(_ hosts: [String]) {
    ranks = [:]
    for (rank, host) in hosts.enumerated() { ranks[host] = rank }
    nextRank = hosts.count
    for host in order where ranks[host] == nil { rank(host) }
    order.sort { ranks[$0] ?? 0 < ranks[$1] ?? 0 }
  }

  private mutating func rank(_ host: String) {
    ranks[host] = nextRank
    nextRank += 1
  }

  /// Records the next sample of a host, and ignores duplicates.
  ///
  /// - Parameters:
  ///   - isWanted: Whether recording is on; if not, the agent keeps the sample and may resend it later.
  ///   - isProvisional: Whether the host's samples must stay out of the file for now.
  ///   - isOpening: Whether this is the first sample of a connection: the oldest that its agent still has.
  mutating func record(
    _ point: FleetPoint, of host: String, run: String, sequence: UInt64, isWanted: Bool,
    isProvisional: Bool = false, isOpening: Bool = false, at now: Instant
  ) {
    if records[host] == nil { add(host) }
    records[host]?.heard = now.monotonic
    records[host]?.isProvisional = isProvisional
    // Plain text has no sequence numbers: each sample is new, and its client keeps none.
    let isNew =
      sequence == 0
      ? isWanted
      : records[host]?.isNew(sequence, of: run, isWanted: isWanted, isOpening: isOpening) == true
    guard isNew else { return }
    let age = now.wall / 1_000_000 - point.time
    let isKept =
      age <= Self.oldest && age >= -Self.newest
      && records[host]?.add(
        point, of: host, sequence: sequence, now: now.monotonic) == true
    if !isKept { lostPoints += 1 }
    if records[host]?.minutes.count ?? 0 >= Self.crowd { crowded.insert(host) }
  }

  /// The number up to which all samples of a run are in the file; 0 when none is.
  func storedThrough(host: String, run: String) -> UInt64 {
    guard hasFile, let record = records[host], record.run == run else { return 0 }
    let open = record.minutes.lazy.filter { $0.run == run }.map(\.firstSequence).min()
    let held = record.held.lazy.filter { $0.run == run }.map(\.firstSequence).min()
    guard let first = [open, held, record.missing?.lowerBound].compactMap({ $0 }).min() else {
      return record.highest
    }
    return first - min(first, 1)
  }

  /// The first sample of a run that arrived and is neither in memory nor in the file.
  func firstMissing(host: String, run: String) -> UInt64? {
    guard let record = records[host], record.run == run else { return nil }
    return record.missing?.lowerBound
  }

  private mutating func add(_ host: String) {
    if ranks[host] == nil { rank(host) }
    records[host] = UnstoredHost()
    order.insert(host, at: place(of: ranks[host] ?? 0))
  }

  /// The index of a rank in the order.
  ///
  /// It uses a binary search: after a restart of the hub all hosts are new, and thousands of them come at once.
  private func place(of rank: Int) -> Int {
    var candidates = 0..<order.count
    while !candidates.isEmpty {
      let middle = (candidates.lowerBound + candidates.upperBound) / 2
      if ranks[order[middle]] ?? 0 < rank {
        candidates = middle + 1..<candidates.upperBound
      } else {
        candidates = candidates.lowerBound..<middle
      }
    }
    return candidates.lowerBound
  }

  // MARK: - Writing

  /// Closes the complete minutes of confirmed hosts whose turn it is, or that have many open minutes.
  ///
  /// They stay readable until ``hold(_:now:)`` replaces them by blocks.
  ///
  /// - Parameters:
  ///   - all: Whether every minute of every host counts as complete.
  ///   - now: Nanoseconds on the monotonic clock.
  mutating func close(all: Bool, now: Int64) -> [HostMinute] {
    let turn = order.count * round / Self.rounds..<order.count * (round + 1) / Self.rounds
    round = (round + 1) % Self.rounds
    var closed: [HostMinute] = []
    for host in all ? order : order[turn] + crowded.sorted()
    where records[host]?.isProvisional == false {
      records[host]?.close(all: all, before: now - Self.silence, into: &closed)
    }
    crowded = []
    if round == 0 { forget(at: now) }
    return closed
  }

  /// Replaces closed minutes by packed blocks, and drops blocks that were held for too long.
  mutating func hold(_ blocks: [FleetBlock], now: Int64) {
    for host in Set(blocks.map(\.host)) { records[host]?.minutes.removeAll(where: \.isClosed) }
    for block in blocks { records[block.host]?.held.append(block) }
    heldBytes += blocks.reduce(0) { $0 + $1.bytes.count }
    giveUpOldest(now)
  }

  /// Reserves numbers for some blocks, and returns the first.
  mutating func numbers(_ count: Int) -> UInt64 {
    defer { nextNumber += UInt64(count) }
    return nextNumber
  }

  /// The blocks that wait for the file, in the order of packing.
  func waiting(most: Int) -> [FleetBlock] {
    let all = records.values.lazy.filter { !$0.held.isEmpty }.flatMap(\.held)
      .sorted { $0.number < $1.number }
    return Array(all.prefix(most))
  }

  /// Releases the blocks that are now in the file.
  mutating func settle(_ blocks: [FleetBlock]) { remove(Set(blocks.map(\.number))) }

  @discardableResult
  private mutating func remove(_ numbers: Set<UInt64>) -> Int {
    var points = 0
    for host in order where records[host]?.held.isEmpty == false {
      records[host]?.held.removeAll { block in
        guard numbers.contains(block.number) else { return false }
        points += block.points
        heldBytes -= block.bytes.count
        return true
      }
    }
    return points
  }

  private mutating func giveUpOldest(_ now: Int64) {
    let waiting = waiting(most: .max)
    var excess = heldBytes - Self.mostBytes
    var given: Set<UInt64> = []
    for block in waiting {
      guard excess > 0 || block.packedAt < now - Self.longest else { break }
      excess -= block.bytes.count
      given.insert(block.number)
    }
    guard !given.isEmpty else { return }
    // The agents may still have these samples, and resend them once they can be written.
    for block in waiting where given.contains(block.number) { records[block.host]?.miss(block) }
    let points = remove(given)
    // Without a file, memory keeps an hour, so nothing is lost.
    if hasFile { lostPoints += points }
  }

  /// The number of remembered names.
  var knownNames: Int { ranks.count }

  private mutating func forget(at now: Int64) {
    let silent = records.filter { _, record in
      record.isProvisional
        ? record.heard < now - Self.provisionalLongest
        : record.isEmpty && record.heard < now - Self.longest
    }.keys
    guard !silent.isEmpty else { return }
    // Forget the rank, too, since invented names would fill the memory. A host that returns is sorted last.
    for host in silent { (records[host], ranks[host]) = (nil, nil) }
    order.removeAll { records[$0] == nil }
  }

  // MARK: - Reading

  /// The packed and unpacked samples of a host in memory.
  ///
  /// - Returns: `nil` when the host is unknown.
  func contents(of host: String) -> (held: [FleetBlock], minutes: [HostMinute])? {
    records[host].map { ($0.held, $0.minutes) }
  }
}
