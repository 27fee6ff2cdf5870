import SQLite

/// Stores the names of series in the history file.
///
/// Blocks refer to series by number, and the file stores each name once. A name is deleted when no block uses its
/// number any more, or earlier when there are too many names. A number is never reused, since a block or a reader may
/// still refer to it. Every call that writes runs inside a transaction of the ``HistoryStore``; after a failed
/// transaction, discard the object.
final class SeriesStore {
  private struct Row {
    var number: Int64
    /// The last block that is known to use it.
    var lastBlock: Int64
    /// Whether the file records ``lastBlock``.
    var isEnded: Bool
  }

  /// The names of one disk, file system or interface, and their size.
  fileprivate struct Thing {
    var names: [String] = []
    var lastBlock: Int64 = 0
    /// The lowest number of its series.
    var number = Int64.max
    var bytes: Int64 = 0
  }

  private let database: Database
  private var rows: [String: Row] = [:]
  /// The greatest number, whose row is never deleted: SQLite numbers a new row after the greatest existing one.
  private var greatest: Int64 = 0
  /// The newest block that was written or is about to be.
  private var newest: Int64
  /// The newest complete block of this run; `nil` while the run has only one.
  private var complete: Int64?
  /// Whether ``newest`` is a block of this run.
  private var hasBegun = false
  /// Names to delete although blocks use them; `nil` until computed.
  private var surplus: [String]?
  private var surplusBytes: Int64 = 0

  /// The number of rows that one transaction may delete or update.
  private static let mostRows = 4096

  init(_ database: Database) throws {
    self.database = database
    let newest = try database.integer("SELECT max(id) FROM block") ?? 0
    self.newest = newest
    let found = try database.rows("SELECT name, id, ended FROM series") { row in
      let ended = row.integer(2)
      return (
        row.text(0) ?? "",
        Row(number: row.integer(1) ?? 0, lastBlock: ended ?? newest, isEnded: ended != nil)
      )
    }
    rows = Dictionary(found) { first, _ in first }
    greatest = rows.values.lazy.map(\.number).max() ?? 0
  }

  /// Announces the next blocks, so that none of their names is deleted to make room for them.
  func expect(_ blocks: [HistoryBlock]) {
    for block in blocks {
      if block.id > newest {
        if hasBegun { complete = newest }
        newest = block.id
      }
      hasBegun = true
      for series in block.columns.keys { touch(series.name, block.id) }
    }
    // A surplus name may be in use again, so compute the surplus anew.
    if surplus?.isEmpty == false { surplus = nil }
  }

  private func touch(_ name: String, _ block: Int64) {
    guard let row = rows[name], row.lastBlock < block else { return }
    rows[name]?.lastBlock = block
  }

  /// The number of a series that a block uses.
  func number(of series: Series, in block: Int64) throws -> Int64 {
    guard let row = rows[series.name] else { return try add(series, block) }
    touch(series.name, block)
    // A merged block has the number of its first block, so it does not reopen a series.
    if row.isEnded && block >= row.lastBlock {
      try database.run("UPDATE series SET ended = NULL WHERE id = ?", .integer(row.number))
      rows[series.name]?.isEnded = false
    }
    return row.number
  }

  private func add(_ series: Series, _ block: Int64) throws -> Int64 {
    try database.run(
      "INSERT INTO series (name, scale) VALUES (?, ?)", .text(series.name), .real(series.scale))
    let number = database.lastInsertedRowID
    rows[series.name] = Row(number: number, lastBlock: block, isEnded: false)
    greatest = max(greatest, number)
    surplus = nil
    return number
  }

  /// Marks the series that are no longer used.
  ///
  /// It ignores the open block, which may still lack some series: a first sample has no rates.
  func markEnded() throws {
    guard let complete else { return }
    var left = Self.mostRows
    for (name, row) in rows where !row.isEnded && row.lastBlock < complete && left > 0 {
      try database.run(
        "UPDATE series SET ended = ? WHERE id = ?", .integer(row.lastBlock), .integer(row.number))
      rows[name]?.isEnded = true
      left -= 1
    }
  }

  // MARK: - Forgetting

  /// Deletes names that no block uses.
  ///
  /// - Parameter block: The first existing block; a merged block has the number of its first.
  /// - Returns: `false` when there were none.
  @discardableResult
  func forget(before block: Int64) throws -> Bool {
    let unused = rows.lazy.filter {
      $0.value.isEnded && $0.value.lastBlock < block && $0.value.number != self.greatest
    }
    return try forget(unused.prefix(Self.mostRows).map(\.key)) > 0
  }

  /// Deletes the least recently used names when there are too many, although blocks use them.
  ///
  /// Their values in those blocks become unreadable, and merging drops them.
  ///
  /// - Parameter bytes: The limit for all names in bytes.
  /// - Returns: `false` when there were none.
  func forgetSurplus(bytes: Int64) throws -> Bool {
    var names = surplus(bytes)
    guard !names.isEmpty else { return false }
    let part = names.suffix(Self.mostRows)
    try forget(Array(part))
    names.removeLast(part.count)
    (surplus, surplusBytes) = (names, bytes)
    return true
  }

  /// Whether there are names for ``forgetSurplus(bytes:)`` to delete.
  func hasSurplus(bytes: Int64) -> Bool {
    let names = surplus(bytes)
    (surplus, surplusBytes) = (names, bytes)
    return !names.isEmpty
  }

  @discardableResult
  private func forget(_ names: [String]) throws -> Int {
    for name in names {
      guard let number = rows[name]?.number else { continue }
      try database.run("DELETE FROM series WHERE id = ?", .integer(number))
      rows[name] = nil
    }
    return names.count
  }

  private func surplus(_ bytes: Int64) -> [String] {
    if let surplus, bytes == surplusBytes { return surplus }
    var kinds: [SeriesKind: [Substring: Thing]] = [:]
    for (name, row) in rows {
      guard let (kind, thing) = SeriesKind.thing(of: name) else { continue }
      kinds[kind, default: [:]][thing, default: Thing()].add(name, row.number, row.lastBlock)
    }
    // Sort by the last use, the newest block first. Names of an earlier version lack that: among those, keep the lowest
    // numbers, as permanent devices have them.
    func isBefore(_ left: Thing, _ right: Thing) -> Bool {
      (left.lastBlock, right.number) > (right.lastBlock, left.number)
    }
    var surplus: [String] = []
    var kept: [Thing] = []
    for things in kinds.values {
      for (rank, thing) in things.values.sorted(by: isBefore).enumerated() {
        if rank < SeriesKind.mostRemembered || thing.lastBlock >= newest {
          kept.append(thing)
        } else {
          surplus += thing.names
        }
      }
    }
    var taken: Int64 = 0
    for thing in kept.sorted(by: isBefore) {
      taken += thing.bytes
      if taken > bytes && thing.lastBlock < newest { surplus += thing.names }
    }
    return surplus.filter { rows[$0]?.number != greatest }
  }
}

extension SeriesStore.Thing {
  /// The name is stored twice, in the table and in its index, along with some numbers.
  fileprivate mutating func add(_ name: String, _ number: Int64, _ block: Int64) {
    names.append(name)
    bytes += Int64(2 * name.utf8.count + 40)
    self.number = min(self.number, number)
    lastBlock = max(lastBlock, block)
  }
}

/// The kinds of series that exist once per disk, file system or interface, which come and go.
enum SeriesKind: String, Sendable, CaseIterable {
  case disks
  case fileSystems = "file_systems"
  case network

  /// The number of names of one kind that the history keeps in addition to those of the newest block.
  ///
  /// The values of a deleted disk or interface remain in the totals, such as `network_total`.
  static let mostRemembered = 512

  /// The subject of a series: `disks.vda.busy_percent` is about the disk `vda`.
  ///
  /// - Returns: `nil` when the series does not belong to one of several subjects.
  static func thing(of series: String) -> (kind: SeriesKind, name: Substring)? {
    // The name may contain dots; the kind and the measure do not.
    guard let first = series.firstIndex(of: "."), let last = series.lastIndex(of: "."),
      first < last, let kind = SeriesKind(rawValue: String(series[..<first]))
    else { return nil }
    return (kind, series[series.index(after: first)..<last])
  }
}
