import Jansson
import MicroHTTPD
import ProcFS

/// `/cpu_usage`: the processes of a snapshot as a JSON array, one per line so that line-based tools can read it.
///
/// Most processes do not change from one second to the next. So the text of a row is made again only when one of its
/// values changed, and otherwise copied from the previous text.
struct CPUUsageText: Sendable {
  let body: Body
  /// The known users.
  let users: KnownUsers
  private let query: CPUUsageQuery
  private let context: CPUUsageColumn.Context
  /// The rows of the text, in ascending order of pid.
  private let rows: [ProcessRow]
  /// The range of each row in the text; empty for rows that the query left out.
  private let places: [Range<Int>]

  /// - Parameter before: The text of an earlier snapshot, or of another query with the same columns.
  /// - Throws: When the filter needs too much work.
  init(
    _ query: CPUUsageQuery, _ snapshot: Snapshot, _ userNames: UserNames,
    after before: CPUUsageText? = nil
  ) throws(FilterError) {
    let rows = snapshot.processes
    let users = query.knownUsers(of: snapshot, userNames)
    let context = query.context(of: snapshot, users)
    let isAlike =
      before?.context.fullCPU == context.fullCPU && before?.query.columns == query.columns
    let reusable = isAlike ? before?.match(rows, context) : nil
    let order = try query.select(from: snapshot, users: users)
    var places = [Range<Int>](repeating: 0..<0, count: rows.count)
    var text = BodyBuilder(capacity: (before?.body.count ?? order.count * 90) + 1024)
    // Keep only these parts of a column: the rest would be copied for each value.
    let (names, reads) = (query.columns.map(\.name), query.columns.map(\.read))
    text.append("[")
    for (position, index) in order.enumerated() {
      text.append(position > 0 ? ",\n" : "\n")
      let start = text.count
      if let before, let place = reusable?[index], !place.isEmpty {
        text.append(place, of: before.body)
      } else {
        let row = rows[index]
        let members = reads.indices.map { place in
          JSONValue.Member(names[place], reads[place](row, context).json(context))
        }
        text.append(JSONValue.object(members).encoded())
      }
      places[index] = start..<text.count
    }
    text.append("\n]\n")
    self.users = users
    self.query = query
    self.context = context
    self.rows = rows
    self.places = places
    body = text.finish()
  }

  /// The approximate bytes in addition to the text.
  var overhead: Int { places.count * 16 + users.count * 40 }

  /// For each new row, its range in this text; empty if the text lacks it or has other values.
  private func match(
    _ newer: [ProcessRow], _ newContext: CPUUsageColumn.Context
  ) -> [Range<Int>] {
    let reads = query.columns.map(\.read)
    let readsUsers = query.columns.contains(where: \.readsUsers)
    var result = [Range<Int>](repeating: 0..<0, count: newer.count)
    var old = 0
    for index in newer.indices {
      while old < rows.count, rows[old].identity < newer[index].identity { old += 1 }
      guard old < rows.count else { break }
      let (before, now) = (rows[old], newer[index])
      guard before.identity == now.identity else { continue }
      // Most processes were idle, and one comparison shows that for all columns.
      let isSame =
        !readsUsers && before.isShownLike(now)
        || reads.allSatisfy { read in
          read(before, context).isSame(as: read(now, newContext), context)
        }
      if isSame { result[index] = places[old] }
    }
    return result
  }
}

extension ProcessRow {
  /// Whether all columns that depend on the row alone show the same values.
  ///
  /// The window varies slightly from sample to sample; it is compared as shown, with two decimals.
  fileprivate func isShownLike(_ other: ProcessRow) -> Bool {
    guard window?.rounded(places: 2) == other.window?.rounded(places: 2) else { return false }
    var row = self
    row.window = other.window
    return row == other
  }
}
