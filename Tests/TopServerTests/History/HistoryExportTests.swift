import Linux
import ProcFS
import TestSupport
import Testing

@testable import TopServer

@Suite struct HistoryExportTests {
  private let folder: TemporaryFolder
  private let archive: HistoryArchive
  /// What is in the file, where older blocks were merged.
  private let blocks: [HistoryBlock]

  /// Two and a half hours of a busy process, with a gap of a day after the first.
  init() throws {
    folder = try TemporaryFolder()
    let path = HistoryWriter.path(in: folder.path)
    let store = try HistoryStore(path: path)
    var recording = Recording()
    var window = Window.test()
    var ticks: UInt64 = 0
    for second in 0..<9000 {
      let time = Double(second) + (second < 3600 ? 0 : 86_400)
      // A new run measured nothing of the gap.
      if second == 3600 {
        window = Window.test()
        if let last = recording.builder.endRun() { recording.blocks.append(last) }
      }
      ticks += UInt64(second * second % 97)
      var sample = Sample.at(time, busy: ticks, [Process(pid: 1), Process(pid: 2, user: ticks)])
      sample.system?.modes.idle = UInt64(time + 1) * 200 - ticks
      recording.add(window.add(sample))
      guard second % 600 == 599 else { continue }
      try store.write(recording.batch, limit: 256 << 20)
      recording.settle()
    }
    archive = try HistoryArchive(path: path)
    blocks = try archive.blocks(from: 0, to: .max, series: archive.series(), processes: true)
  }

  private func query(step: Int64) throws -> HistoryQuery {
    var query = try HistoryQuery([("series", "cpu.*,ledger.*,ledger.busy_percent:max")], now: 0)
    (query.from, query.to, query.step) = (1_699_990_000_500, 1_700_200_000_000, step)
    return query
  }

  private func lines(_ query: HistoryQuery, processes: Bool = false) throws -> [String] {
    var text: [UInt8] = []
    try HistoryExport(archive: archive, format: .csv) { text += $0 }.run(
      query, processes: processes)
    return String(decoding: text, as: UTF8.self).split(separator: "\r\n").map(String.init)
  }

  @Test(arguments: [1000, 7000, 60_000, 5_000_000, 100_000_000])
  func portionsGiveTheRowsOfOneAnswer(step: Int64) throws {
    let query = try query(step: step)
    var whole = query
    // An answer has a point for each step, also where nothing was recorded.
    if step < 60_000 { (whole.from, whole.to) = (1_700_086_400_000, 1_700_095_399_999) }
    let source = try RecordedBlocks(from: whole.from, to: whole.to, archive, recent: [])
    let answer = try HistoryColumns(whole, source, known: Array(archive.series().values))
    let names = answer.selection.columns
    var expected = ["time," + names.map(\.name).joined(separator: ",")]
    for (index, time) in answer.times.enumerated() {
      let values = names.map { answer.value($0, index).map { "\($0)" } ?? "" }
      if values.allSatisfy(\.isEmpty) { continue }
      expected.append(
        ([RFC3339.text(millisecondsSinceEpoch: time)] + values).joined(separator: ","))
    }
    #expect(expected.count > (step < 1_000_000 ? 100 : 2))
    let rows = try lines(step < 60_000 ? whole : query)
    #expect(rows.count == expected.count)
    for (row, expected) in zip(rows, expected) where row != expected {
      Issue.record("\(row) instead of \(expected)")
      break
    }
  }

  @Test func eachActivityIsExportedOnce() throws {
    let rows = try lines(query(step: 1000), processes: true).dropFirst()
    let activity = blocks.flatMap { block in
      block.processes.activity.values.flatMap { entries in
        entries.map { RFC3339.text(millisecondsSinceEpoch: block.points[$0.point].time) }
      }
    }
    #expect(activity.count > 1000)
    #expect(rows.map { String($0.prefix { $0 != "," }) }.sorted() == activity.sorted())
  }

  @Test func theExportEndsWhenItCannotWrite() throws {
    struct Full: Error {}
    var count = 0
    let export = HistoryExport(archive: archive, format: .jsonl) { _ in
      count += 1
      if count == 2 { throw Full() }
    }
    #expect(throws: Full.self) { try export.run(query(step: 1000), processes: false) }
    #expect(count == 2)
  }

  @Test func theTimeOfAGapIsSkipped() throws {
    let longest = try archive.longestBlock()
    #expect(longest == 7_200_000)
    let inGap = blocks[0].first + 4 * 3_600_000
    let next = try archive.earliestMoment(after: inGap, longest: longest)
    let afterGap = try #require(blocks.first { $0.first > inGap })
    #expect(next == afterGap.last - longest)
    #expect(try archive.earliestMoment(after: .max, longest: longest) == nil)
  }

  @Test func aPortionFindsTheSameBlocksWithAndWithoutTheLongest() throws {
    let longest = try archive.longestBlock()
    for start in stride(from: blocks[0].first - 10_000, to: 1_700_100_000_000, by: 1_234_567) {
      let bounded = try archive.blockNumbers(from: start, to: start + 500_000, longest: longest)
      #expect(try bounded == archive.blockNumbers(from: start, to: start + 500_000))
    }
  }

  @Test func theBlockAfterAMomentIsFoundWhenItBeganToMeasureBefore() throws {
    let place = try #require(blocks.lastIndex { $0.resolution == .sample })
    let (first, next) = (blocks[place - 1], blocks[place])
    #expect(next.first == first.last + 1000)
    #expect(try archive.blockThatBegins(before: first.last) == nil)
    #expect(try archive.blockThatBegins(before: first.last + 500) == next.id)
    #expect(try archive.blockThatBegins(before: blocks[0].first - 5000) == nil)
    let source = try RecordedBlocks(
      from: first.last + 100, to: first.last + 500, archive, recent: [])
    var seen = 0
    try source.eachBlock([]) { _ in seen += 1 }
    #expect(seen == 1)
  }
}
