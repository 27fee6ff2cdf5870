import Testing

@testable import TopServer

@Suite struct ProcessTreeTests {
  /// A tree of pairs: the pid, and that of its parent.
  private func tree(_ pairs: [(Int32, Int32)]) -> ProcessTree {
    ProcessTree(pids: pairs.map(\.0), parentPIDs: pairs.map(\.1))
  }

  private func depthFirst(
    _ pairs: [(Int32, Int32)], kept: [Bool]? = nil, limit: Int = .max, order: [Int]? = nil
  ) -> [Int32] {
    let all = Array(pairs.indices)
    return tree(pairs).depthFirst(
      order ?? all, kept: kept ?? all.map { _ in true }, limit: limit
    ).map { pairs[$0].0 }
  }

  private let family: [(Int32, Int32)] = [(1, 0), (2, 0), (3, 1), (4, 1), (5, 3), (6, 2), (7, 99)]

  @Test func childrenFollowTheirParents() {
    #expect(depthFirst(family) == [1, 3, 5, 4, 2, 6, 7])
    #expect(tree(family).depths == [0, 0, 1, 1, 2, 1, 0])
  }

  @Test func siblingsHaveTheGivenOrder() {
    #expect(depthFirst(family, order: [6, 5, 4, 3, 2, 1, 0]) == [7, 2, 6, 1, 4, 3, 5])
  }

  @Test func aLimitKeepsTheTop() {
    #expect(depthFirst(family, limit: 3) == [1, 3, 5])
  }

  @Test func whatIsKeptKeepsItsAncestors() {
    var marked = family.map { _ in false }
    marked[4] = true
    let kept = tree(family).withAncestors(marked)
    #expect(depthFirst(family, kept: kept) == [1, 3, 5])
  }

  @Test func sumsIncludeAllDescendantsAndUnknownOnesAddNothing() {
    let sums = tree(family).sums(of: [1, nil, 10, 100, 1000, nil, nil])
    #expect(sums == [1111, nil, 1010, 100, 1000, nil, nil])
    #expect(
      tree(family).sums(of: [nil, nil, nil, nil, 5, nil, nil]) == [5, nil, 5, nil, 5, nil, nil])
  }

  @Test(
    arguments: [
      // A process that is its own parent, two loops, and what descends from a loop.
      [(5, 5)], [(5, 6), (6, 5)], [(5, 7), (6, 5), (7, 6)], [(4, 9), (5, 6), (6, 5), (9, 6)],
      [(1, 4), (3, 1), (4, 3)], [(3, 8), (8, 8), (9, 3)],
      [(10, 12), (11, 10), (12, 11), (20, 21), (21, 20)],
    ] as [[(Int32, Int32)]])
  func aLoopIsCutAndEachProcessOccursOnce(_ pairs: [(Int32, Int32)]) {
    #expect(depthFirst(pairs).sorted() == pairs.map(\.0))
    let tree = tree(pairs)
    #expect(tree.topDown.sorted() == Array(pairs.indices))
    // The sum under all roots is that of the table.
    let sums = tree.sums(of: pairs.map { _ in 1 })
    let total = pairs.indices.filter { tree.parents[$0] == nil }.reduce(0) { $0 + (sums[$1] ?? 0) }
    #expect(total == Double(pairs.count))
  }

  @Test func aLoopIsCutAtItsLowestPid() {
    #expect(depthFirst([(4, 9), (5, 6), (6, 5), (9, 6)]) == [5, 6, 9, 4])
    #expect(tree([(4, 9), (5, 6), (6, 5), (9, 6)]).depths == [3, 0, 1, 2])
  }

  @Test func aChainMayBeAsLongAsTheTable() {
    let count: Int32 = 100_000
    let pairs = (1...count).map { ($0, $0 - 1) }
    let tree = tree(pairs)
    #expect(depthFirst(pairs) == pairs.map(\.0))
    #expect(tree.depths.last == Int(count) - 1)
    #expect(tree.sums(of: pairs.map { _ in 1 }).first == Double(count))
    #expect(tree.withAncestors(pairs.map { $0.0 == count }).allSatisfy { $0 })
    // The same, with pids that fell over the largest one, and as a loop.
    let reversed = (2...count).map { ($0, $0 == count ? 0 : $0 + 1) }
    #expect(depthFirst(reversed).first == count)
    let loop = (1...count).map { ($0 + 1, $0 == 1 ? count + 1 : $0) }
    #expect(depthFirst(loop) == loop.map(\.0))
  }

  @Test func anEmptyTableHasNoTree() { #expect(depthFirst([]).isEmpty) }

  /// Compares with a recursive definition.
  @Test func randomTreesAgreeWithRecursion() {
    var random = SplitMix(state: 11)
    for _ in 0..<200 {
      let count = Int(random.next() % 30) + 1
      let pairs = (1...count).map { pid in
        (Int32(pid), Int32(random.next() % UInt64(pid)))
      }
      let values = pairs.map { _ in Double(random.next() % 100) }
      func below(_ pid: Int32) -> [Int32] {
        [pid] + pairs.filter { $0.1 == pid }.flatMap { below($0.0) }
      }
      let roots = pairs.filter { $0.1 == 0 }.map(\.0)
      #expect(depthFirst(pairs) == roots.flatMap(below))
      let sums = tree(pairs).sums(of: values)
      for (place, pair) in pairs.enumerated() {
        #expect(sums[place] == below(pair.0).reduce(0) { $0 + values[Int($1) - 1] })
      }
    }
  }
}
