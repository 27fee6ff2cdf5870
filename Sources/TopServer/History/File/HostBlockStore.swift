import SQLite

/// Writes the blocks of other hosts to the history file.
///
/// Every call runs inside a transaction of the ``HistoryStore``.
final class HostBlockStore {
  /// The number of hosts whose blocks one batch merges, which bounds its duration.
  private static let thinned: Int64 = 128
  /// The number of blocks that are removed at once to make room.
  private static let removed: Int64 = 256

  private let database: Database
  private let archive: HistoryArchive
  private var numbers: [String: Int64] = [:]
  /// The bytes of all blocks and of all host names; `nil` until needed.
  private var knownBytes: Int64?
  private var knownNameBytes: Int64?

  init(_ database: Database) {
    self.database = database
    archive = HistoryArchive(database)
  }

  /// Writes minutes, merged with what the file already has of them.
  func write(_ blocks: [FleetBlock]) throws {
    var rows: [(key: FleetKey, block: FleetBlock)] = []
    for block in blocks {
      // All host numbers are in use, which only invented names can cause.
      guard let host = try number(of: block.host) else { continue }
      rows.append((FleetKey(.sample, start: block.start, host: host), block))
    }
    // In the order of the rows, so that each page is written once.
    rows.sort { $0.key.id < $1.key.id }
    for (key, block) in rows {
      if let before = try archive.fleetBlock(key), let late = block.block {
        try replace(key, HistoryBlock.union([before, late]))
      } else {
        try replace(key, bytes: block.bytes)
      }
      try database.run(
        "UPDATE host SET last = max(last, ?) WHERE id = ?",
        .integer(block.start + HostMinute.length - 1), .integer(key.host))
    }
  }

  private func number(of host: String) throws -> Int64? {
    if let number = numbers[host] { return number }
    var number = try database.integer("SELECT id FROM host WHERE name = ?", .text(host))
    if number == nil {
      try database.run("INSERT INTO host (name, last) VALUES (?, 0)", .text(host))
      number = database.lastInsertedRowID
      knownNameBytes = nil
    }
    guard let number, number < FleetKey.mostHosts else { return nil }
    numbers[host] = number
    return number
  }

  private func replace(_ key: FleetKey, _ block: HistoryBlock) throws {
    try replace(key, bytes: block.encodedAlone(FleetSeries.number))
  }

  private func replace(_ key: FleetKey, bytes: [UInt8]) throws {
    try remove([key.id])
    try database.run(
      "INSERT INTO host_block VALUES (?, ?)", .integer(key.id), .blob(bytes))
    knownBytes? += Int64(bytes.count)
  }

  private func remove(_ ids: [Int64]) throws {
    for id in ids {
      let lengths = try database.rows(
        "DELETE FROM host_block WHERE id = ? RETURNING length(data)", .integer(id)
      ) { $0.integer(0) ?? 0 }
      knownBytes? -= lengths.reduce(0, +)
    }
  }

  // MARK: - Age

  func thin(now: Int64) throws {
    try thin(.sample, to: .tenSeconds, before: now - HistoryStore.sampleAge)
    try thin(.tenSeconds, to: .minute, before: now - HistoryStore.tenSecondsAge)
  }

  /// Merges the oldest blocks of some hosts whose span ended before a time.
  private func thin(
    _ from: HistoryBlock.Resolution, to coarser: HistoryBlock.Resolution, before limit: Int64
  ) throws {
    guard let oldest = try archive.firstFleetKey(from) else { return }
    let span = FleetKey(coarser, start: oldest.start)
    guard span.start + coarser.fleetSpan <= limit else { return }
    let first = FleetKey(from, start: span.start)
    let end = FleetKey(from, start: span.start + coarser.fleetSpan)
    let hosts = try database.rows(
      """
      SELECT DISTINCT id & \(FleetKey.mostHosts - 1) FROM host_block WHERE id >= ? AND id < ?
      LIMIT \(Self.thinned)
      """, .integer(first.id), .integer(end.id)
    ) { $0.integer(0) ?? 0 }
    for host in hosts {
      let ids = Array(
        stride(from: first.id + host, to: end.id + host, by: Int(from.fleetStride)))
      let target = FleetKey(coarser, start: span.start, host: host)
      // Late blocks join the block into which the rest of their span was already merged.
      let blocks =
        [try archive.fleetBlock(target)].compactMap(\.self)
        + (try ids.compactMap { try FleetKey(id: $0).flatMap(archive.fleetBlock) })
      try remove(ids)
      if let merged = Thinning.merge(blocks, to: coarser) { try replace(target, merged) }
    }
  }

  // MARK: - Room

  /// The bytes of all blocks and host names.
  func bytes() throws -> Int64 {
    let blocks = try knownBytes ?? database.integer("SELECT sum(length(data)) FROM host_block") ?? 0
    knownBytes = blocks
    // The table and its index hold each name once.
    let names =
      try knownNameBytes
      ?? database.integer("SELECT sum(2 * length(CAST(name AS BLOB)) + 40) FROM host") ?? 0
    knownNameBytes = names
    return blocks + names
  }

  /// Removes some of the oldest blocks, and hosts without blocks.
  ///
  /// - Returns: `false` when there was nothing to remove.
  func removeOldest() throws -> Bool {
    if let oldest = try oldestBlock() {
      let lengths = try database.rows(
        """
        DELETE FROM host_block WHERE id IN (SELECT id FROM host_block WHERE id >= ? ORDER BY id
        LIMIT \(Self.removed)) RETURNING length(data)
        """, .integer(oldest.id)
      ) { $0.integer(0) ?? 0 }
      knownBytes? -= lengths.reduce(0, +)
      try removeHosts()
      return true
    }
    return try removeHosts()
  }

  private func oldestBlock() throws -> FleetKey? {
    try HistoryBlock.Resolution.allCases.compactMap(archive.firstFleetKey)
      .min { $0.start < $1.start }
  }

  /// Removes hosts without blocks.
  @discardableResult
  private func removeHosts() throws -> Bool {
    let first = try oldestBlock()?.start ?? .max
    try database.run("DELETE FROM host WHERE last < ?", .integer(first))
    guard database.changes > 0 else { return false }
    numbers = [:]
    knownNameBytes = nil
    return true
  }
}
