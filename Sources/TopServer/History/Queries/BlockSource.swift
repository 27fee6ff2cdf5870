/// The blocks that tell of a stretch of time, one after the other and as often as need be.
///
/// No more than one of them has to be in memory, however long the stretch is.
protocol BlockSource {
  /// Shows each block, in the order of recording.
  ///
  /// - Parameter wanted: The series whose values are asked for; none when only the points are.
  func eachBlock(_ wanted: [Series], _ body: (BlockView) throws -> Void) throws
}

/// Blocks that are in memory.
struct BlockList: BlockSource {
  let blocks: [HistoryBlock]

  func eachBlock(_ wanted: [Series], _ body: (BlockView) throws -> Void) throws {
    for block in blocks {
      try Task.checkCancellation()
      try body(BlockView(block, wanted))
    }
  }
}

/// What file and memory tell of this host: first the file, then what it may not have yet.
struct RecordedBlocks: BlockSource {
  /// `nil` when there is no file.
  let archive: HistoryArchive?
  /// The series that the file has, by number.
  let stored: [Int64: Series]
  /// The blocks of the file, without those that are in memory.
  private let numbers: [Int64]
  private let recent: [HistoryBlock]

  /// - Parameters:
  ///   - from: Milliseconds since the epoch, like `to`, which is included.
  ///   - recent: Was taken from the recorder before the file was opened, so that what moves there meanwhile is not missed.
  init(from: Int64, to: Int64, _ archive: HistoryArchive?, recent: [HistoryBlock]) throws {
    self.archive = archive
    stored = try archive?.series() ?? [:]
    let held = Set(recent.map(\.id))
    numbers = try archive?.blockNumbers(from: from, to: to).filter { !held.contains($0) } ?? []
    self.recent = recent.filter { $0.last >= from && $0.first <= to }
  }

  func eachBlock(_ wanted: [Series], _ body: (BlockView) throws -> Void) throws {
    let places = numbers(of: wanted)
    for number in numbers {
      try Task.checkCancellation()
      try archive?.block(number, places, body)
    }
    try BlockList(blocks: recent).eachBlock(wanted, body)
  }

  /// Shows each block with its processes, in the order of recording.
  ///
  /// - Parameters:
  ///   - wanted: The series whose values are asked for.
  ///   - processes: Whether the processes are.
  func eachWholeBlock(
    _ wanted: [Series], processes: Bool = true, _ body: (HistoryBlock) throws -> Void
  ) throws {
    let wanted = stored.filter { wanted.contains($0.value) }
    for number in numbers {
      try Task.checkCancellation()
      if let block = try archive?.block(number, wanted, processes: processes) { try body(block) }
    }
    for block in recent {
      try Task.checkCancellation()
      try body(block)
    }
  }

  /// One of the blocks with its processes; `nil` when it cannot be read.
  func wholeBlock(_ number: Int64, _ wanted: [Series]) throws -> HistoryBlock? {
    if let block = recent.first(where: { $0.id == number }) { return block }
    return try archive?.block(
      number, stored.filter { wanted.contains($0.value) }, processes: true)
  }

  /// Which of the wanted series a number of the file stands for.
  private func numbers(of wanted: [Series]) -> [Int64: Int] {
    let places = Dictionary(wanted.enumerated().map { ($1, $0) }) { first, _ in first }
    return stored.compactMapValues { places[$0] }
  }
}

/// What file and memory tell of another host.
struct FleetBlocks: BlockSource {
  let archive: HistoryArchive?
  let host: String
  let query: HistoryQuery
  /// By the minute that they tell of.
  let recent: [Int64: [HistoryBlock]]

  /// - Parameter recent: Was taken before the file was opened.
  init(of host: String, _ query: HistoryQuery, _ archive: HistoryArchive?, recent: [HistoryBlock]) {
    (self.archive, self.host, self.query) = (archive, host, query)
    self.recent = Dictionary(grouping: recent) { $0.first / HostMinute.length }
  }

  /// Samples of one minute that lie in several places are shown as one block.
  func eachBlock(_ wanted: [Series], _ body: (BlockView) throws -> Void) throws {
    var rest = recent
    let numbers = FleetSeries.all.filter { wanted.contains($0.value) }
    func show(_ blocks: [HistoryBlock]) throws {
      guard let first = blocks.first else { return }
      let block = blocks.count > 1 ? HistoryBlock.union(blocks) : first
      guard block.last >= query.from, block.first <= query.to else { return }
      try body(BlockView(block, wanted))
    }
    try archive?.eachFleetBlock(of: host, from: query.from, to: query.to, series: numbers) {
      block in
      try Task.checkCancellation()
      guard block.resolution == .sample else { return try show([block]) }
      let minute = block.first / HostMinute.length
      try show([block] + (rest.removeValue(forKey: minute) ?? []))
    }
    for (_, blocks) in rest.sorted(by: { $0.key < $1.key }) { try show(blocks) }
  }
}
