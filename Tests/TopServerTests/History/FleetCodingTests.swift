import Linux
import Testing

@testable import TopServer

@Suite struct FleetCodingTests {
  private func minute(_ numbers: some Sequence<UInt64>) -> HostMinute {
    var minute = HostMinute(
      host: "web-1", start: TestHost.start, run: "r1", sequence: 1, now: 0)
    for number in numbers { _ = minute.add(TestHost.point(number), sequence: number, now: 0) }
    return minute
  }

  @Test func aMinuteRoundTrips() throws {
    let minute = minute(0..<60)
    let packed = minute.packed(number: 1, now: 0)
    #expect(packed.block == minute.block)
    let busy = minute.block.columns[FleetSeries.busy.series]
    #expect(busy?.average[7] == Int64(TestHost.busy(7) * 100))
    #expect(minute.block.columns[FleetSeries.load.series]?.average.first == .some(nil))
    #expect(minute.block.columns[FleetSeries.steal.series] == nil)
  }

  @Test func damageIsDetected() {
    var packed = minute(0..<60).packed(number: 1, now: 0)
    for index in packed.bytes.indices {
      var damaged = packed
      damaged.bytes[index] ^= 0x10
      // The last bits of the stream have no effect.
      #expect(damaged.block == nil || damaged.block == packed.block)
    }
    packed.bytes = []
    #expect(packed.block == nil)
  }

  @Test func aUnionHasEverySampleOnce() throws {
    let whole = minute(0..<60).block
    let early = minute(0..<35).block
    let late = minute((20..<60).reversed()).block
    #expect(HistoryBlock.union([early, late]) == whole)
    #expect(HistoryBlock.union([late, early]) == whole)
    var query = try HistoryQuery([], now: 0)
    (query.from, query.to) = (whole.first, whole.last)
    var shown: [[HistoryPoint]] = []
    try FleetBlocks(of: "web-1", query, nil, recent: [late, early]).eachBlock([]) {
      shown.append($0.points)
    }
    #expect(shown == [whole.points])
  }

  @Test func aSampleWithTwoEstimatedTimesIsOne() {
    let first = minute(0..<30).block
    var again = first
    for index in again.points.indices { again.points[index].time += 40 }
    #expect(HistoryBlock.union([first, again]).points == first.points)
  }

  @Test func aSeriesOfOneBlockHasGapsInTheOther() {
    let early = minute(1..<3).block
    var late = minute(3..<5).block
    late.columns[FleetSeries.memory.series] = nil
    let union = HistoryBlock.union([early, late])
    #expect(union.columns[FleetSeries.memory.series]?.average == [4000, 4000, nil, nil])
  }

  @Test func extremeValuesAreClamped() {
    let point = FleetPoint(time: 0, interval: -.infinity) { kind in
      switch kind {
      case .busy: .infinity
      case .load: 1e300
      case .memory: -1e300
      default: .nan
      }
    }
    #expect(point.elapsed == 0)
    #expect(point[.busy] == nil)
    #expect(point[.load] == Int64(Int32.max))
    #expect(point[.memory] == Int64(Int32.min) + 1)
    #expect(point[.steal] == nil)
  }

  @Test func keysAreOrderedByTimeAndRoundTrip() throws {
    for resolution in HistoryBlock.Resolution.allCases {
      let key = FleetKey(resolution, start: 1_700_003_712_345, host: FleetKey.mostHosts - 1)
      #expect(key.start % resolution.fleetSpan == 0)
      #expect(FleetKey(id: key.id) == key)
      #expect(FleetKey.all(resolution).contains(key.id))
      let next = FleetKey(resolution, start: key.start + resolution.fleetSpan, host: 0)
      #expect(next.id > key.id)
      #expect(next.id + key.host == key.id + resolution.fleetStride)
    }
    #expect(FleetKey(id: -1) == nil)
    #expect(FleetKey(id: .max) == nil)
  }
}
