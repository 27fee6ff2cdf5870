import Linux
import ProcFS
import Testing

@testable import TopServer

@Suite struct ProbeRoundsTests {
  private static let second: Int64 = 1_000_000_000
  private var rounds = ProbeRounds()

  private let root = RealFileSystem.test("8:1", "/")
  private let far = RealFileSystem.test("0:40", "/far", "/far/away")
  private let home = RealFileSystem.test("8:2", "/home")

  private func answer(_ used: UInt64, at path: String = "/") -> ProbeRounds.Answer {
    .init(mountPoint: path, space: .init(total: 100, used: used, available: 100 - used))
  }

  /// Queries every file system that a worker may query, and answers each at once.
  private mutating func finish(_ worker: Int, at now: Int64, used: UInt64 = 1) -> [String] {
    var asked: [String] = []
    while let system = rounds.next(for: worker, at: now) {
      asked.append(system.deviceNumber)
      rounds.answer(system, answer(used))
    }
    return asked
  }

  @Test mutating func aRoundQueriesEachOnceAndTheNextFollowsTenSecondsLater() {
    #expect(rounds.tick(at: 0) == .init(number: 1, lists: true))
    #expect(
      rounds.tick(at: 60 * Self.second) == nil, "a slow listing is not started twice")
    rounds.list([root, home])
    #expect(rounds.known == [])
    #expect(finish(1, at: 0) == ["8:1", "8:2"])
    #expect(rounds.known.map(\.mountPoint) == ["/", "/"])
    #expect(rounds.tick(at: 9 * Self.second) == nil)
    #expect(rounds.tick(at: 10 * Self.second) == .init(number: 2, lists: true))
  }

  @Test mutating func aStalledFileSystemIsSkippedAndKeepsItsLastValues() throws {
    _ = rounds.tick(at: 0)
    rounds.list([root, far, home])
    #expect(finish(1, at: 0, used: 7) == ["8:1", "0:40", "8:2"])

    _ = rounds.tick(at: 10 * Self.second)
    rounds.list([root, far, home])
    _ = rounds.next(for: 2, at: 10 * Self.second)
    rounds.answer(root, answer(8))
    #expect(rounds.next(for: 2, at: 10 * Self.second) == far)
    #expect(rounds.tick(at: 12 * Self.second - 1) == nil)
    #expect(rounds.known.allSatisfy { !$0.isStalled })
    #expect(rounds.tick(at: 12 * Self.second) == .init(number: 3, lists: false))
    #expect(rounds.known.map(\.isStalled) == [false, true, false])
    #expect(rounds.known.map(\.space?.used) == [8, 7, 7])

    #expect(finish(3, at: 12 * Self.second, used: 9) == ["8:2"])
    // The next rounds skip it.
    for round in 2...4 {
      let worker = rounds.tick(at: Int64(round * 10) * Self.second)
      rounds.list([root, far, home])
      #expect(finish(try #require(worker).number, at: 0) == ["8:1", "8:2"])
      #expect(rounds.known.map(\.isStalled) == [false, true, false])
    }
    // The answer arrives at last; its worker has been replaced and ends.
    rounds.answer(far, answer(70))
    #expect(rounds.next(for: 2, at: 0) == nil)
    #expect(rounds.known.map(\.isStalled) == [false, false, false])
    #expect(rounds.known[1].space?.used == 70)
    let worker = rounds.tick(at: 50 * Self.second)
    rounds.list([root, far, home])
    #expect(finish(try #require(worker).number, at: 0) == ["8:1", "0:40", "8:2"])
  }

  @Test mutating func theLastFileSystemOfARoundMayStall() {
    _ = rounds.tick(at: 0)
    rounds.list([far])
    _ = rounds.next(for: 1, at: 0)
    #expect(rounds.tick(at: 2 * Self.second) == nil)
    #expect(rounds.known.map(\.isStalled) == [true])
    #expect(rounds.known.map(\.mountPoint) == ["/far"])
    #expect(rounds.known[0].space == nil)
    #expect(rounds.tick(at: 10 * Self.second) == .init(number: 3, lists: true))
    // The first worker returns while the third lists: it must not take the third one's work.
    rounds.answer(far, answer(1))
    rounds.list([root])
    #expect(rounds.next(for: 1, at: 0) == nil)
    #expect(finish(3, at: 0) == ["8:1"])
  }

  @Test mutating func anUnmountedFileSystemIsForgotten() {
    _ = rounds.tick(at: 0)
    rounds.list([root, far])
    _ = finish(1, at: 0)
    _ = rounds.tick(at: 10 * Self.second)
    rounds.list([root])
    #expect(rounds.known.map(\.device) == ["8:1"])
    // It was unmounted while its query was under way.
    rounds.answer(far, answer(1))
    #expect(rounds.known.map(\.device) == ["8:1"])
  }

  @Test mutating func mountPointsAreKeptUpToALimit() {
    _ = rounds.tick(at: 0)
    var many = home
    many.paths = (0..<5000).map { Array("/\($0)".utf8) }
    rounds.list([root, far, many])
    _ = finish(1, at: 0)
    #expect(rounds.known.map(\.mountPoints.count) == [0, 2, 1000])
    #expect(rounds.known[1].mountPoints == ["/far", "/far/away"])
  }

  @Test mutating func theNewestListingDecidesWhetherItIsReadOnly() {
    for isReadOnly in [false, true, false] {
      var system = root
      system.isReadOnly = isReadOnly
      _ = rounds.tick(at: 0)
      rounds.list([system])
      _ = finish(1, at: 0)
      rounds.answer(system, answer(1))
      #expect(rounds.known.map(\.isReadOnly) == [isReadOnly])
    }
  }

  @Test mutating func aFileSystemWithoutAnAnswerIsAbsent() {
    _ = rounds.tick(at: 0)
    rounds.list([root])
    _ = rounds.next(for: 1, at: 0)
    rounds.answer(root, answer(1))
    #expect(rounds.known.count == 1)
    rounds.answer(root, nil)
    #expect(rounds.known == [])
  }

  @Test mutating func aRoundWithoutAThreadIsFollowedByAnother() {
    _ = rounds.tick(at: 0)
    rounds.giveUp()
    #expect(rounds.tick(at: 9 * Self.second) == nil)
    #expect(rounds.tick(at: 10 * Self.second) == .init(number: 2, lists: true))
  }
}

extension RealFileSystem {
  /// A file system whose device is named by its number.
  static func test(_ number: String, _ paths: String...) -> RealFileSystem {
    RealFileSystem(
      deviceNumber: number, type: "ext4", source: number, paths: paths.map { Array($0.utf8) })
  }
}
