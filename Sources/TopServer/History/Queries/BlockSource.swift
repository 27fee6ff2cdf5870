/// The blocks of a time range, one after the other, as often as a query needs them.
///
/// At most one block has to be in memory, however long the range is.
protocol BlockSource {
  /// Calls `body` with each block, in the order of recording.
  ///
  /// - Parameter wanted: The series whose values are needed; empty when only the points are needed.
  func eachBlock(_ wanted: [Series], _ body: (BlockView) throws -> Void) throws
}

/// Blocks in memory.
struct BlockList: BlockSource {
  let blocks: [HistoryBlock]

  func eachBlock(_ wanted: [Series], _ body: (BlockView) throws -> Void) throws {
    for block in blocks {
      try Task.checkCancellation()
      try body(BlockView(block, wanted))
    }
  }
}

/// The blocks of this machine: first those in the file, then those that may not be in it yet.
struct RecordedBlocks: BlockSource {
  /// `nil` when there is no file.
  let archive: HistoryArchive?
  /// The series in the file, by number.
  let stored: [Int64: Series]
  /// The numbers of the blocks that are in the file only.
  private let numbers: [Int64]
  private let recent: [HistoryBlock]

  /// It includes the block after `to` if that block's first point began to measure before `to`.
  ///
  /// - Parameters:
  ///   - from: Milliseconds since the epoch, like `to`, which is inclusive.
  ///   - recent: The recorder's blocks, read before the file was opened, so that a block that moves to the file
  ///     meanwhile is not missed.
  ///   - stored: The series in the file, if the caller has read them.
  ///   - longest: See ``HistoryArchive/blockNumbers(from:to:longest:)``.
  init(
    from: Int64, to: Int64, _ archive: HistoryArchive?, recent: [HistoryBlock],
    stored: [Int64: Series]? = nil, longest: Int64? = nil
  ) throws {
    self.archive = archive
    self.stored = try stored ?? archive?.series() ?? [:]
    let held = Set(recent.map(\.id))
    var numbers = try archive?.blockNumbers(from: from, to: to, longest: longest) ?? []
    if let next = try archive?.blockThatBegins(before: to) {
      numbers.insert(next, at: numbers.firstIndex { $0 > next } ?? numbers.count)
    }
    self.numbers = numbers.filter { !held.contains($0) }
    self.recent = recent.filter { $0.last >= from && $0.begin <= to }
  }

  func eachBlock(_ wanted: [Series], _ body: (BlockView) throws -> Void) throws {
    let places = numbers(of: wanted)
    for number in numbers {
      try Task.checkCancellation()
      try archive?.block(number, places, body)
    }
    try BlockList(blocks: recent).eachBlock(wanted, body)
  }

  /// Calls `body` with each block and its processes, in the order of recording.
  ///
  /// - Parameters:
  ///   - wanted: The series whose values are needed.
  ///   - processes: Whether the processes are needed.
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

  /// One block with its processes; `nil` when it cannot be read.
  func wholeBlock(_ number: Int64, _ wanted: [Series]) throws -> HistoryBlock? {
    if let block = recent.first(where: { $0.id == number }) { return block }
    return try archive?.block(
      number, stored.filter { wanted.contains($0.value) }, processes: true)
  }

  /// The index of each wanted series, by its number in the file.
  private func numbers(of wanted: [Series]) -> [Int64: Int] {
    let places = Dictionary(wanted.enumerated().map { ($1, $0) }) { first, _ in first }
    return stored.compactMapValues { places[$0] }
  }
}

/// The blocks of another host, in the file and in memory.
struct FleetBlocks: BlockSource {
  let archive: HistoryArchive?
  let host: String
  let query: HistoryQuery
  /// By minute since the epoch.
  let recent: [Int64: [HistoryBlock]]

  /// - Parameter recent: The blocks in memory, read before the file was opened.
  init(of host: String, _ query: HistoryQuery, _ archive: HistoryArchive?, recent: [HistoryBlock]) {
    (self.archive, self.host, self.query) = (archive, host, query)
    self.recent = Dictionary(grouping: recent) { $0.first / HostMinute.length }
  }

  /// Merges samples of one minute from several places into one block.
  func eachBlock(_ wanted: [Series], _ body: (BlockView) throws -> Void) throws {
    var rest = recent
    let numbers = FleetSeries.all.filter { wanted.contains($0.value) }
    func show(_ blocks: [HistoryBlock]) throws {
      guard let first = blocks.first else { return }
      let block = blocks.count > 1 ? HistoryBlock.union(blocks) : first
      guard block.last >= query.from, block.begin <= query.to else { return }
      try body(BlockView(block, wanted))
    }
    try archive?.eachFleetBlock(of: host, from: query.from, to: query.to, series: numbers) {
      block in
      try Task.checkCancellation()
      guard block.resolution == .sample else { return try show([block]) }
      let minute = block.first / HostMinute.length
      try show([block] + (rest.removeValue(forKey: minute) ?? []))
    }
    for (_, blocks) in rest.sorted(by: { $0.key < $1.key }) {
      try Task.checkCancellation()
      try show(blocks)
    }
  }
}
