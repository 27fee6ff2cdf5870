import Linux

/// What is recorded of other hosts and not in the file yet: pure, told the time by whoever calls.
struct FleetMemory: Sendable {
  /// Hosts are packed by turns: in so many rounds each had one, so that no round has much to do.
  static let rounds = 12
  /// Bytes that are held at most while the file cannot be written.
  private static let mostBytes = 64 << 20
  /// Nanoseconds for which they are held, and for which a host that is silent is remembered.
  private static let longest: Int64 = 3600 * 1_000_000_000
  /// Nanoseconds of silence after which a host is forgotten, with all that came of it, of which nothing goes to the file.
  private static let provisionalLongest: Int64 = 600 * 1_000_000_000
  /// Nanoseconds after which a minute is complete although the host went no further.
  private static let silence: Int64 = 30 * 1_000_000_000
  /// Hosts that have not lasted and are written all the same when the hub ends; when there are more, somebody has made
  /// them up, or a whole fleet is new, whose agents send again what was not stored.
  static let mostProvisionalAtEnd = 512
  /// Minutes of one host after which it is packed with the next batch, out of turn.
  private static let crowd = 16
  /// Milliseconds by which a sample may be older, or newer, than this host's clock says.
  private static let oldest: Int64 = 24 * 3_600_000
  private static let newest: Int64 = 3_600_000

  /// Whether there is a file that all of it goes to in the end.
  private let hasFile: Bool
  private var records: [String: UnstoredHost] = [:]
  /// The hosts in the order in which the file numbers them, so that what is written in one round lies together.
  private var order: [String] = []
  private var ranks: [String: Int] = [:]
  private var nextRank = 0
  /// Hosts with so many open minutes that they cannot wait for their turn.
  private var crowded: Set<String> = []
  private var round = 0
  private var nextNumber: UInt64 = 1
  private var heldBytes = 0
  /// Samples that were given up, because the file could not be written for too long or their time cannot be.
  private(set) var lostPoints = 0
  /// Whether what is here comes into the file.
  var isWriting: Bool

  init(hasFile: Bool) {
    self.hasFile = hasFile
    isWriting = hasFile
  }

  /// Points that are in memory only.
  var heldPoints: Int {
    records.values.reduce(0) { sum, record in
      sum + record.held.reduce(0) { $0 + $1.points }
    }
  }

  /// Says which hosts the file knows, in the order of their numbers there; those that came before that are sorted anew.
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

  /// Takes the next sample of a host; one that was taken before is ignored.
  ///
  /// - Parameters:
  ///   - isWanted: Whether it is recorded; if not, its agent keeps it, and may send it again when it is.
  ///   - isProvisional: Whether nothing of the host goes to the file yet.
  ///   - isOpening: Whether it is the first of a connection: the oldest that its agent still has.
  mutating func record(
    _ point: FleetPoint, of host: String, run: String, sequence: UInt64, isWanted: Bool,
    isProvisional: Bool = false, isOpening: Bool = false, at now: Instant
  ) {
    if records[host] == nil { add(host) }
    records[host]?.heard = now.monotonic
    records[host]?.isProvisional = isProvisional
    // Plain text has no numbers: each is new, and its client keeps none.
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

  /// The number up to which all samples of a run are safe in the file; 0 when none is.
  func storedThrough(host: String, run: String) -> UInt64 {
    guard hasFile, let record = records[host], record.run == run else { return 0 }
    let open = record.minutes.lazy.filter { $0.run == run }.map(\.firstSequence).min()
    let held = record.held.lazy.filter { $0.run == run }.map(\.firstSequence).min()
    guard let first = [open, held, record.missing?.lowerBound].compactMap({ $0 }).min() else {
      return record.highest
    }
    return first - min(first, 1)
  }

  /// The first sample of a run that came and is neither here nor in the file.
  func firstMissing(host: String, run: String) -> UInt64? {
    guard let record = records[host], record.run == run else { return nil }
    return record.missing?.lowerBound
  }

  private mutating func add(_ host: String) {
    if ranks[host] == nil { rank(host) }
    records[host] = UnstoredHost()
    order.insert(host, at: place(of: ranks[host] ?? 0))
  }

  /// Where a host of a rank belongs in the order.
  ///
  /// Found by halves: after a restart of the hub all hosts are new here, and thousands of them come at once.
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

  // MARK: - To the file

  /// Closes the minutes that are complete, of those hosts whose turn it is or that have many, and that have lasted.
  ///
  /// They can still be read here until ``hold(_:)`` has them in another form.
  ///
  /// - Parameters:
  ///   - all: Whether every minute of every host counts as complete.
  ///   - now: Nanoseconds on the monotonic clock.
  mutating func close(all: Bool, now: Int64) -> [HostMinute] {
    let turn = order.count * round / Self.rounds..<order.count * (round + 1) / Self.rounds
    round = (round + 1) % Self.rounds
    var closed: [HostMinute] = []
    let takesProvisional =
      all && records.values.lazy.filter(\.isProvisional).count <= Self.mostProvisionalAtEnd
    for host in all ? order : order[turn] + crowded.sorted()
    where takesProvisional || records[host]?.isProvisional == false {
      records[host]?.close(all: all, before: now - Self.silence, into: &closed)
    }
    crowded = []
    if round == 0 { forget(at: now) }
    return closed
  }

  /// Takes back what was closed, packed; what has been here for too long is given up.
  mutating func hold(_ blocks: [FleetBlock], now: Int64) {
    for host in Set(blocks.map(\.host)) { records[host]?.minutes.removeAll(where: \.isClosed) }
    for block in blocks { records[block.host]?.held.append(block) }
    heldBytes += blocks.reduce(0) { $0 + $1.bytes.count }
    giveUpOldest(now)
  }

  /// Numbers for so many blocks.
  mutating func numbers(_ count: Int) -> UInt64 {
    defer { nextNumber += UInt64(count) }
    return nextNumber
  }

  /// What waits for the file, in the order of packing.
  func waiting(most: Int) -> [FleetBlock] {
    let all = records.values.lazy.filter { !$0.held.isEmpty }.flatMap(\.held)
      .sorted { $0.number < $1.number }
    return Array(all.prefix(most))
  }

  /// Lets go of what is in the file now.
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
    // Their agents may have them still, and send them when they can be written.
    for block in waiting where given.contains(block.number) { records[block.host]?.miss(block) }
    let points = remove(given)
    // Without a file an hour is what there is, and nothing is lost of it.
    if hasFile { lostPoints += points }
  }

  /// Names that are remembered, for whatever reason.
  var knownNames: Int { ranks.count }

  private mutating func forget(at now: Int64) {
    let silent = records.filter { _, record in
      record.isProvisional
        ? record.heard < now - Self.provisionalLongest
        : record.isEmpty && record.heard < now - Self.longest
    }.keys
    guard !silent.isEmpty else { return }
    // Its rank, too: names that nobody has any more would be remembered for ever. If it comes back it stands last.
    for host in silent { (records[host], ranks[host]) = (nil, nil) }
    order.removeAll { records[$0] == nil }
  }

  // MARK: - Reading

  /// What is here of a host, packed and not packed.
  ///
  /// - Returns: `nil` when the host is not known here.
  func contents(of host: String) -> (held: [FleetBlock], minutes: [HostMinute])? {
    records[host].map { ($0.held, $0.minutes) }
  }
}
