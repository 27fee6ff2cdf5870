import SQLite

/// Reads the history of other hosts.
extension HistoryArchive {
  /// The names of the hosts, in the order of their numbers.
  func hosts() throws -> [String] {
    guard try hasFleet() else { return [] }
    return try database.rows("SELECT name FROM host ORDER BY id") { $0.text(0) ?? "" }
  }

  /// Whether the file contains a host.
  func knows(host: String) throws -> Bool { try number(of: host) != nil }

  /// The blocks of a host in a time range, all at once.
  ///
  /// - Returns: `nil` when the file does not contain the host.
  func fleetBlocks(of host: String, from: Int64, to: Int64, series: [Int64: Series]) throws
    -> [HistoryBlock]?
  {
    guard try knows(host: host) else { return nil }
    var blocks: [HistoryBlock] = []
    try eachFleetBlock(of: host, from: from, to: to, series: series) {
      if $0.first <= to { blocks.append($0) }
    }
    return blocks
  }

  /// Calls `body` with each readable block of a host in a time range.
  ///
  /// It reads the finest resolution first, so that a block merged meanwhile is found twice rather than missed. Blocks
  /// of one resolution are in order of time, followed by the next block after `to`: its first point may have begun to
  /// measure before `to`.
  ///
  /// - Parameters:
  ///   - from: Milliseconds since the epoch, like `to`, which is inclusive.
  ///   - series: The wanted series, by number.
  func eachFleetBlock(
    of host: String, from: Int64, to: Int64, series: [Int64: Series],
    _ body: (HistoryBlock) throws -> Void
  ) throws {
    guard let number = try number(of: host) else { return }
    for resolution in HistoryBlock.Resolution.allCases {
      // The query tries every possible key, so limit the range to existing blocks.
      guard let oldest = try firstFleetKey(resolution), let newest = try lastFleetKey(resolution)
      else { continue }
      let first = FleetKey(resolution, start: max(from, oldest.start), host: number)
      let end = min(to, .max - Self.longestInterval) + Self.longestInterval
      let last = FleetKey(resolution, start: max(min(end, newest.start), 0), host: number)
      guard first.start <= last.start else { continue }
      do {
        try eachFleetBlock(first, last, series) { block in
          try body(block)
          if block.first > to { throw Enough() }
        }
      } catch is Enough {}
    }
  }

  /// The maximum number of milliseconds that one sample of a host measures; see ``AgentMessage/intervals``.
  private static let longestInterval: Int64 = 3_600_000

  /// Ends a search that has found all blocks.
  private struct Enough: Error {}

  private func number(of host: String) throws -> Int64? {
    guard try hasFleet() else { return nil }
    return try database.integer("SELECT id FROM host WHERE name = ?", .text(host))
  }

  /// The first and last recorded moment of any other host.
  func fleetRange() throws -> ClosedRange<Int64>? {
    guard try hasFleet() else { return nil }
    let firsts = try HistoryBlock.Resolution.allCases.compactMap { try firstFleetKey($0)?.start }
    let last = try database.integer("SELECT max(last) FROM host")
    guard let first = firsts.min(), let last, first <= last else { return nil }
    return first...last
  }

  /// Reads one block of a host.
  ///
  /// - Returns: `nil` when the block does not exist or cannot be read.
  func fleetBlock(_ key: FleetKey) throws -> HistoryBlock? {
    var found: HistoryBlock?
    try eachFleetBlock(key, key, FleetSeries.all) { found = $0 }
    return found
  }

  /// The key of the oldest block of a resolution.
  func firstFleetKey(_ resolution: HistoryBlock.Resolution) throws -> FleetKey? {
    let all = FleetKey.all(resolution)
    return try database.integer(
      "SELECT min(id) FROM host_block WHERE id >= ? AND id <= ?", .integer(all.lowerBound),
      .integer(all.upperBound)
    ).flatMap(FleetKey.init(id:))
  }

  /// The key of the newest block of a resolution.
  private func lastFleetKey(_ resolution: HistoryBlock.Resolution) throws -> FleetKey? {
    let all = FleetKey.all(resolution)
    return try database.integer(
      "SELECT max(id) FROM host_block WHERE id >= ? AND id <= ?", .integer(all.lowerBound),
      .integer(all.upperBound)
    ).flatMap(FleetKey.init(id:))
  }

  /// Looks up each row by its id, so that it does not read the blocks of other hosts.
  private func eachFleetBlock(
    _ first: FleetKey, _ last: FleetKey, _ series: [Int64: Series],
    _ body: (HistoryBlock) throws -> Void
  ) throws {
    try database.forEachRow(
      """
      WITH RECURSIVE wanted (id) AS (
        SELECT ?1 UNION ALL SELECT id + ?3 FROM wanted WHERE id + ?3 <= ?2)
      SELECT host_block.id, data FROM wanted CROSS JOIN host_block ON host_block.id = wanted.id
      """, .integer(first.id), .integer(last.id), .integer(first.resolution.fleetStride)
    ) { row in
      let block = try? HistoryBlock(
        id: row.integer(0) ?? 0, resolution: first.resolution, alone: row.blob(1) ?? [],
        wanted: series)
      if let block { try body(block) }
    }
  }

  /// A file of an earlier version lacks these tables until a server opens it.
  private func hasFleet() throws -> Bool {
    try database.integer("PRAGMA user_version") ?? 0 >= 2
  }
}
