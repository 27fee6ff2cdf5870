/// The order of rows by a key.
enum RowOrder {
  /// Sorts places by a key; rows without one come last in either order, and ties stay in the order of places.
  ///
  /// Most processes use no CPU and are equal; the sort skips such runs with one comparison each.
  static func sorted<Key: Comparable>(
    _ places: some Sequence<Int>, descending: Bool, _ key: (Int) -> Key?
  ) -> [Int] {
    var keyed: [(key: Key, place: Int)] = []
    keyed.reserveCapacity(places.underestimatedCount)
    var without: [Int] = []
    for place in places {
      if let key = key(place) { keyed.append((key, place)) } else { without.append(place) }
    }
    keyed.sort { left, right in
      if left.key != right.key { return descending ? left.key > right.key : left.key < right.key }
      return left.place < right.place
    }
    return keyed.map(\.place) + without
  }

  /// Sorts by the cells of a column, which are all text or all numbers.
  static func sorted(
    _ places: [Int], descending: Bool, byCells read: (Int) -> CPUUsageColumn.Cell
  ) -> [Int] {
    guard let first = places.first else { return [] }
    return read(first).isText
      ? sorted(places, descending: descending) { read($0).text }
      : sorted(places, descending: descending) { read($0).number }
  }
}
