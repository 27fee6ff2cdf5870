/// The tree of processes, by places in a table.
///
/// The files of processes are read one after the other, so the parents that they name can form a loop; such a loop is
/// cut at its lowest place. Each place occurs exactly once. Nothing recurses: a chain of parents may be as long as the
/// table.
struct ProcessTree: Sendable {
  /// The place of the parent; `nil` for a root, whose parent is not in the table.
  let parents: [Int?]
  /// Every place, each after its parent.
  let topDown: [Int]
  /// The number of ancestors of each place.
  let depths: [Int]

  /// - Parameters:
  ///   - pids: The pid of each place.
  ///   - parentPIDs: The pid of the parent of each place.
  init(pids: [Int32], parentPIDs: [Int32]) {
    let places = Dictionary(zip(pids, pids.indices), uniquingKeysWith: { _, last in last })
    var parents = parentPIDs.indices.map { place -> Int? in
      // The first process of a pid namespace has no parent in it, whatever was read.
      guard pids[place] != 1, let parent = places[parentPIDs[place]], parent != place else {
        return nil
      }
      return parent
    }
    let children = Self.children(of: parents, inOrder: parents.indices)
    var walk = Walk(count: parents.count)
    for place in parents.indices where parents[place] == nil { walk.enter(place, at: 0) }
    walk.descend(children)
    // What is left consists of loops and of what descends from them.
    for place in parents.indices where !walk.isVisited(place) {
      let root = Self.lowestOfLoop(above: place, parents)
      parents[root] = nil
      walk.enter(root, at: 0)
      walk.descend(children)
    }
    (self.parents, topDown, depths) = (parents, walk.order, walk.depths)
  }

  /// The lowest place of the loop to which the parents of a place lead.
  private static func lowestOfLoop(above place: Int, _ parents: [Int?]) -> Int {
    var seen: Set<Int> = []
    var current = place
    while seen.insert(current).inserted, let parent = parents[current] { current = parent }
    var lowest = current
    var next = parents[current]
    while let one = next, one != current {
      lowest = min(lowest, one)
      next = parents[one]
    }
    return lowest
  }

  /// Visits places, each once, parents first.
  private struct Walk {
    private(set) var order: [Int] = []
    private(set) var depths: [Int]
    private var next = 0

    init(count: Int) {
      order.reserveCapacity(count)
      depths = Array(repeating: -1, count: count)
    }

    func isVisited(_ place: Int) -> Bool { depths[place] >= 0 }

    mutating func enter(_ place: Int, at depth: Int) {
      depths[place] = depth
      order.append(place)
    }

    mutating func descend(_ children: Lists) {
      while next < order.count {
        let place = order[next]
        next += 1
        for child in children[place] where !isVisited(child) { enter(child, at: depths[place] + 1) }
      }
    }
  }

  /// A list for each place, in two arrays.
  private struct Lists {
    var starts: [Int]
    var elements: [Int]

    subscript(place: Int) -> ArraySlice<Int> { elements[starts[place]..<starts[place + 1]] }
  }

  /// The children of each place, in the given order of places.
  private static func children(of parents: [Int?], inOrder order: some Sequence<Int>) -> Lists {
    var starts = [Int](repeating: 0, count: parents.count + 1)
    for case let parent? in parents { starts[parent + 1] += 1 }
    for place in parents.indices { starts[place + 1] += starts[place] }
    var ends = starts
    var elements = [Int](repeating: 0, count: starts[parents.count])
    for place in order {
      guard let parent = parents[place] else { continue }
      elements[ends[parent]] = place
      ends[parent] += 1
    }
    return Lists(starts: starts, elements: elements)
  }
}

// MARK: - What follows from the tree

extension ProcessTree {
  /// The sum of a value over each place and all its descendants; `nil` where all of them are unknown.
  func sums(of values: [Double?]) -> [Double?] {
    var sums = values
    for place in topDown.reversed() {
      guard let parent = parents[place], let value = sums[place] else { continue }
      sums[parent] = (sums[parent] ?? 0) + value
    }
    return sums
  }

  /// The places that are marked, and all their ancestors.
  func withAncestors(_ marked: [Bool]) -> [Bool] {
    var kept = marked
    for place in topDown.reversed() where kept[place] {
      if let parent = parents[place] { kept[parent] = true }
    }
    return kept
  }

  /// Places from the top, each followed by its descendants.
  ///
  /// - Parameters:
  ///   - order: All places in the order of siblings.
  ///   - kept: The places to list, with all their ancestors.
  ///   - limit: The maximum number of places to list.
  func depthFirst(_ order: [Int], kept: [Bool], limit: Int) -> [Int] {
    let children = Self.children(of: parents, inOrder: order)
    var result: [Int] = []
    result.reserveCapacity(min(limit, order.count))
    var waiting: [Int] = order.filter { parents[$0] == nil }.reversed()
    while result.count < limit, let place = waiting.popLast() {
      guard kept[place] else { continue }
      result.append(place)
      waiting.append(contentsOf: children[place].reversed())
    }
    return result
  }
}
