import SQLite

/// The names of series in the history file, as its one writer sees them.
///
/// A block has the numbers of its series, and the file has each name once. A name is forgotten when no block uses its
/// number any more, and earlier when there are too many. A number is never given to another name: a block or a reader
/// may still have it. Every call that writes is part of a transaction of the ``HistoryStore``; after a transaction that
/// failed a new object is made.
final class SeriesStore {
  private struct Row {
    var number: Int64
    /// The last block that is known to use it.
    var lastBlock: Int64
    /// Whether the file says so.
    var isEnded: Bool
  }

  /// What the names of one thing take.
  fileprivate struct Thing {
    var names: [String] = []
    var lastBlock: Int64 = 0
    /// The least that one of them has.
    var number = Int64.max
    var bytes: Int64 = 0
  }

  private let database: Database
  private var rows: [String: Row] = [:]
  /// Its row is never deleted: SQLite gives a new row the number after the greatest that there is.
  private var greatest: Int64 = 0
  /// The newest block that was written, or is about to be.
  private var newest: Int64
  /// The newest block of this run that nothing is added to any more; a run that has only begun has none.
  private var complete: Int64?
  /// Whether ``newest`` is a block of this run.
  private var hasBegun = false
  /// Names that are to be forgotten although blocks use them; `nil` when that must be found out.
  private var surplus: [String]?
  private var surplusBytes: Int64 = 0

  /// Rows that one transaction deletes or marks at most.
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

  /// Says which blocks come next, so that none of their names is forgotten to make room for them.
  func expect(_ blocks: [HistoryBlock]) {
    for block in blocks {
      if block.id > newest {
        if hasBegun { complete = newest }
        newest = block.id
      }
      hasBegun = true
      for series in block.columns.keys { touch(series.name, block.id) }
    }
    // One of those that were to be forgotten may be used again.
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
    // A merged block has the number of its first, and changes nothing.
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

  /// Notes in the file which series are not used any more.
  ///
  /// A block that has only begun does not have all of them: its first sample has no rates.
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
  /// - Parameter block: The first block that there is; merged blocks have the number of their first.
  /// - Returns: Whether there were any.
  @discardableResult
  func forget(before block: Int64) throws -> Bool {
    let unused = rows.lazy.filter {
      $0.value.isEnded && $0.value.lastBlock < block && $0.value.number != self.greatest
    }
    return try forget(unused.prefix(Self.mostRows).map(\.key)) > 0
  }

  /// Deletes names of which there are too many, although blocks use them: those that were used least recently.
  ///
  /// What such blocks say of them cannot be read any more, and is dropped when they are merged.
  ///
  /// - Parameter bytes: What the names of all things may take.
  /// - Returns: Whether there were any.
  func forgetSurplus(bytes: Int64) throws -> Bool {
    var names = surplus(bytes)
    guard !names.isEmpty else { return false }
    let part = names.suffix(Self.mostRows)
    try forget(Array(part))
    names.removeLast(part.count)
    (surplus, surplusBytes) = (names, bytes)
    return true
  }

  /// Whether ``forgetSurplus(bytes:)`` has anything to do.
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
    // Those of the newest block come first, and then the others by when they were used last. What an earlier version has
    // left does not say that: then those are kept that came first, as those do that never go.
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
  /// A row has the name twice, in the table and in its index, and some numbers.
  fileprivate mutating func add(_ name: String, _ number: Int64, _ block: Int64) {
    names.append(name)
    bytes += Int64(2 * name.utf8.count + 40)
    self.number = min(self.number, number)
    lastBlock = max(lastBlock, block)
  }
}

/// The kinds of series of which there is one set for each thing of a machine, and things come and go.
enum SeriesKind: String, Sendable, CaseIterable {
  case disks
  case fileSystems = "file_systems"
  case network

  /// Things of one kind whose names the history remembers at most, beside those that are recorded now.
  ///
  /// What a forgotten thing did is still part of the totals, such as `network_total`.
  static let mostRemembered = 512

  /// Which thing a series is about: `disks.vda.busy_percent` is about the disk `vda`.
  ///
  /// - Returns: `nil` when it is not about one of many things.
  static func thing(of series: String) -> (kind: SeriesKind, name: Substring)? {
    // The name of the thing may hold dots; the kind and the number do not.
    guard let first = series.firstIndex(of: "."), let last = series.lastIndex(of: "."),
      first < last, let kind = SeriesKind(rawValue: String(series[..<first]))
    else { return nil }
    return (kind, series[series.index(after: first)..<last])
  }
}
