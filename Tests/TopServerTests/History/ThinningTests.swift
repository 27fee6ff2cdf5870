import ProcFS
import Testing

@testable import TopServer

@Suite struct ThinningTests {
  private let load = Series.decimal("load")

  /// Samples once a second from a time in milliseconds.
  private func block(_ id: Int64, from time: Int64, _ values: [Double?]) -> HistoryBlock {
    var block = HistoryBlock(id: id, resolution: .sample)
    block.points = values.indices.map {
      HistoryPoint(time: time + Int64($0) * 1000, elapsed: 1_000_000)
    }
    block.columns[load] = SeriesColumn(average: values.map { $0.flatMap(load.quantized) })
    return block
  }

  @Test func aSpikeIsKept() throws {
    var values = [Double?](repeating: 1, count: 60)
    values[33] = 99
    values[34] = 0
    values[5] = nil
    let merged = try #require(Thinning.merge([block(4, from: 60_000, values)], to: .tenSeconds))
    #expect(merged.id == 4)
    #expect(merged.points.map(\.time) == [60_000, 70_000, 80_000, 90_000, 100_000, 110_000])
    #expect(merged.points.map(\.samples) == [10, 10, 10, 10, 10, 10])
    #expect(merged.points.map(\.elapsed) == Array(repeating: 10_000_000, count: 6))
    let column = try #require(merged.columns[load])
    #expect(column.maximum == [100, 100, 100, 9900, 100, 100])
    #expect(column.minimum == [100, 100, 100, 0, 100, 100])
    #expect(column.average == [100, 100, 100, 1070, 100, 100])
    let coarser = try #require(Thinning.merge([merged], to: .minute)?.columns[load])
    #expect(coarser.maximum == [9900])
    #expect(coarser.minimum == [0])
  }

  @Test func aGapStaysEmpty() throws {
    let merged = try #require(
      Thinning.merge(
        [block(1, from: 0, Array(repeating: nil, count: 10)), block(2, from: 30_000, [1, 2])],
        to: .tenSeconds))
    #expect(merged.points.map(\.time) == [0, 30_000])
    #expect(merged.columns[load]?.average == [nil, 150])
  }

  @Test func theUseOfProcessesIsSummedUp() throws {
    var first = block(1, from: 0, Array(repeating: 1, count: 20))
    first.processes.present = [.init(process: 5, state: .sleeping)]
    first.processes.activity = [
      5: [
        .init(point: 1, user: 3, state: .running), .init(point: 9, user: 4, state: .sleeping),
        .init(point: 12, system: 1, childrenUser: 2, state: .sleeping),
      ]
    ]
    first.processes.born = [.init(point: 15, process: 6, state: .running)]
    var second = block(2, from: 20_000, Array(repeating: 1, count: 10))
    second.processes.present = [
      .init(process: 5, state: .sleeping), .init(process: 6, state: .running),
    ]
    second.processes.ended = [.init(point: 3, process: 5)]
    let merged = try #require(Thinning.merge([first, second], to: .tenSeconds)).processes
    #expect(merged.present == first.processes.present)
    #expect(merged.born == [.init(point: 1, process: 6, state: .running)])
    #expect(merged.ended == [.init(point: 2, process: 5)])
    #expect(
      merged.activity == [
        5: [
          .init(point: 0, user: 7, state: .sleeping),
          .init(point: 1, system: 1, childrenUser: 2, state: .sleeping),
        ]
      ])
  }

  @Test func aNewRunEndsTheProcessesOfThePreviousOne() throws {
    var first = block(1, from: 0, [1])
    first.processes.present = [.init(process: 5, state: .sleeping)]
    var second = block(2, from: 20_000, [1])
    second.processes.present = [.init(process: 9, state: .sleeping)]
    let merged = try #require(Thinning.merge([first, second], to: .tenSeconds)).processes
    #expect(merged.ended == [.init(point: 1, process: 5)])
    #expect(merged.born == [.init(point: 1, process: 9, state: .sleeping, isOld: true)])
  }

  @Test func afterTheClockWasSetBackTimesAscend() throws {
    let merged = try #require(
      Thinning.merge(
        [block(1, from: 40_000, [1, 1]), block(2, from: 20_000, [3, 3])], to: .tenSeconds))
    #expect(merged.points.map(\.time) == [20_000, 40_000])
    #expect(merged.columns[load]?.average == [300, 100])
  }
}
