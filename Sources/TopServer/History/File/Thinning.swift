import ProcFS

/// Merges blocks into one of a coarser resolution: time-weighted means and extremes of each series, sums of process
/// use.
struct Thinning {
  private let resolution: HistoryBlock.Resolution
  private var result: HistoryBlock
  /// The index of each bucket in the result, by its time.
  private var bucketOf: [Int64: Int] = [:]
  private var sums: [Series: [Sum]] = [:]
  /// The processes that exist after the last added block.
  private var alive: Set<ProcessReference> = []
  private var births: [Event: ProcessColumns.Birth] = [:]
  private var ends: [Event: ProcessColumns.End] = [:]

  private struct Event: Hashable {
    var point: Int
    var process: ProcessReference
  }

  private struct Sum {
    var weight = 0.0
    var total = 0.0
    var minimum = Int64.max
    var maximum = Int64.min
  }

  /// - Parameter blocks: In the order of recording; the result has the number of the first.
  static func merge(_ blocks: [HistoryBlock], to resolution: HistoryBlock.Resolution)
    -> HistoryBlock?
  {
    guard let first = blocks.first else { return nil }
    var thinning = Thinning(resolution: resolution, id: first.id)
    thinning.makeBuckets(blocks)
    for block in blocks { thinning.add(block) }
    return thinning.finish()
  }

  private init(resolution: HistoryBlock.Resolution, id: Int64) {
    self.resolution = resolution
    result = HistoryBlock(id: id, resolution: resolution)
  }

  private func bucket(of time: Int64) -> Int64 {
    time / resolution.milliseconds * resolution.milliseconds
  }

  /// Creates all buckets first, in order of time: after the clock was set back, blocks may overlap.
  private mutating func makeBuckets(_ blocks: [HistoryBlock]) {
    let times = Set(blocks.flatMap { $0.points.map { bucket(of: $0.time) } }).sorted()
    for (index, time) in times.enumerated() {
      bucketOf[time] = index
      result.points.append(HistoryPoint(time: time, elapsed: 0, samples: 0))
    }
  }

  private mutating func add(_ block: HistoryBlock) {
    let places = block.points.map { bucketOf[bucket(of: $0.time)] ?? 0 }
    for (point, place) in zip(block.points, places) {
      result.points[place].elapsed += point.elapsed
      result.points[place].samples += point.samples
    }
    let weights = PointWeights(block)
    for (series, column) in block.columns {
      add(column, of: series, weights[.init(series)], places)
    }
    guard let first = places.first else { return }
    add(block.processes, places, first: first)
  }

  private mutating func add(
    _ column: SeriesColumn, of series: Series, _ weights: [Double], _ places: [Int]
  ) {
    var sums = self.sums[series] ?? Array(repeating: Sum(), count: result.points.count)
    for (index, value) in column.average.enumerated() {
      guard let value else { continue }
      let minimum = column.minimum.isEmpty ? value : column.minimum[index] ?? value
      let maximum = column.maximum.isEmpty ? value : column.maximum[index] ?? value
      let place = places[index]
      sums[place].weight += weights[index]
      sums[place].total += weights[index] * Double(value)
      sums[place].minimum = min(sums[place].minimum, minimum)
      sums[place].maximum = max(sums[place].maximum, maximum)
    }
    self.sums[series] = sums
  }

  private mutating func add(_ processes: ProcessColumns, _ places: [Int], first: Int) {
    let present = Set(processes.present.map(\.process))
    if result.processes.present.isEmpty && alive.isEmpty {
      result.processes.present = processes.present
    } else if present != alive {
      // Recording was interrupted, or the server restarted.
      for process in alive.subtracting(present) {
        add(.ended(.init(point: first, process: process)))
      }
      for presence in processes.present where !alive.contains(presence.process) {
        add(
          .born(
            .init(point: first, process: presence.process, state: presence.state, isOld: true)))
      }
    }
    alive = present
    for (_, change) in processes.changes {
      switch change {
      case .born(var birth):
        birth.point = places[birth.point]
        add(.born(birth))
      case .ended(var end):
        end.point = places[end.point]
        add(.ended(end))
      }
    }
    for (process, entries) in processes.activity {
      for entry in entries {
        result.processes.activity[process, default: []].add(entry, at: places[entry.point])
      }
    }
  }

  /// A process that changed its name and back within one bucket keeps its name; opposite events cancel out.
  private mutating func add(_ change: ProcessColumns.Change) {
    switch change {
    case .born(let birth):
      alive.insert(birth.process)
      let event = Event(point: birth.point, process: birth.process)
      if birth.isRename, ends[event]?.isRename == true {
        ends[event] = nil
      } else {
        births[event] = birth
      }
    case .ended(let end):
      alive.remove(end.process)
      let event = Event(point: end.point, process: end.process)
      if end.isRename, births[event]?.isRename == true {
        births[event] = nil
      } else {
        ends[event] = end
      }
    }
  }

  private mutating func finish() -> HistoryBlock {
    func isBefore(_ left: Event, _ right: Event) -> Bool {
      (left.point, left.process) < (right.point, right.process)
    }
    result.processes.born = births.sorted { isBefore($0.key, $1.key) }.map(\.value)
    result.processes.ended = ends.sorted { isBefore($0.key, $1.key) }.map(\.value)
    for (series, sums) in sums {
      var column = SeriesColumn(average: [])
      for sum in sums {
        let isKnown = sum.weight > 0
        column.average.append(isKnown ? Int64((sum.total / sum.weight).rounded()) : nil)
        column.minimum.append(isKnown ? sum.minimum : nil)
        column.maximum.append(isKnown ? sum.maximum : nil)
      }
      result.columns[series] = column
    }
    // After the clock was set back, later entries belong to earlier points.
    for process in result.processes.activity.keys {
      result.processes.activity[process]?.sort { $0.point < $1.point }
    }
    return result
  }
}

extension [ProcessColumns.Activity] {
  /// Adds an entry to that of the same point, and takes the newer state.
  fileprivate mutating func add(_ entry: ProcessColumns.Activity, at point: Int) {
    guard let index = lastIndex(where: { $0.point == point }) else {
      var entry = entry
      entry.point = point
      append(entry)
      return
    }
    self[index].user += entry.user
    self[index].system += entry.system
    self[index].childrenUser += entry.childrenUser
    self[index].childrenSystem += entry.childrenSystem
    self[index].state = entry.state
  }
}
