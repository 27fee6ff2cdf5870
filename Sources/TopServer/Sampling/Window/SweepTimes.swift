import Linux

/// The times of the sweeps in the window; decides at which sweep an average starts.
struct SweepTimes: Sendable {
  /// The number of the oldest kept sweep.
  ///
  /// Sweeps are numbered from 0.
  private(set) var oldest = 0
  private var times: [Int64] = []
  /// The length of the window in nanoseconds.
  let window: Int64

  init(window: Duration) {
    self.window = window.nanoseconds
  }

  /// The number of the newest sweep, or -1 before the first.
  var newest: Int { oldest + times.count - 1 }

  /// The time of a sweep, in nanoseconds on the monotonic clock.
  subscript(sweep: Int) -> Int64 { times[sweep - oldest] }

  /// Nanoseconds between two sweeps.
  func elapsed(from earlier: Int, to later: Int) -> Int64 { self[later] - self[earlier] }

  /// Adds the next sweep and drops the sweeps at which no later average can start.
  ///
  /// An average starts at the sweep whose age is nearest to the window. So it normally covers 60 s, and after a stall
  /// of minutes it covers either the whole stall or none of it, never an estimated part.
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
