import Linux

/// When the sweeps of the window were, and which of them an average starts from.
struct SweepTimes: Sendable {
  /// Number of the oldest sweep that is kept.
  ///
  /// Sweeps are numbered from 0.
  private(set) var oldest = 0
  private var times: [Int64] = []
  /// The length of the window in nanoseconds.
  let window: Int64

  init(window: Duration) {
    self.window = window.nanoseconds
  }

  /// Number of the newest sweep, or -1 before the first.
  var newest: Int { oldest + times.count - 1 }

  /// Nanoseconds on the monotonic clock at which a sweep was.
  subscript(sweep: Int) -> Int64 { times[sweep - oldest] }

  /// Nanoseconds between two sweeps.
  func elapsed(from earlier: Int, to later: Int) -> Int64 { self[later] - self[earlier] }

  /// Adds the next sweep and forgets those that no average starts from any more.
  ///
  /// An average starts from the sweep whose age is nearest to the window. So it covers 60 s when all is well, and after
  /// a stall of minutes it covers either all of the stall or nothing of it, never a guess in between.
  mutating func add(_ time: Int64) {
    times.append(time)
    var start = 0
    while start + 2 < times.count {
      let misfit = abs(time - times[start] - window)
      let nextMisfit = abs(time - times[start + 1] - window)
      guard nextMisfit < misfit else { break }
      start += 1
    }
    times.removeFirst(start)
    oldest += start
  }
}
