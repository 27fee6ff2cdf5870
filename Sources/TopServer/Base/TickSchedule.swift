/// When the next sweep is due, and how late one is.
///
/// Every moment is a whole number of intervals after the first, so the rate does not drift by the length of the sweeps;
/// those that were missed (a slow sweep, a stopped machine) are left out, so no burst follows, and are counted.
struct TickSchedule<Moment: InstantProtocol> where Moment.Duration == Duration {
  /// How a sweep stands to the schedule.
  struct Delay: Equatable {
    /// Time from the first moment that no sweep has served until the sweep begins.
    var lag = Duration.zero
    /// Moments before the newest one that no sweep has served.
    var skipped = 0
  }

  private let interval: Duration
  /// The first moment that no sweep has served.
  private var due: Moment

  init(start: Moment, interval: Duration) {
    self.interval = interval
    due = start.advanced(by: interval)
  }

  /// The first moment of the schedule that lies after `now` and that no sweep has served.
  func next(after now: Moment) -> Moment {
    due.advanced(by: interval * count(until: now))
  }

  /// How late a sweep is that begins now.
  func delay(at begin: Moment) -> Delay {
    let count = count(until: begin)
    return count == 0 ? Delay() : Delay(lag: due.duration(to: begin), skipped: count - 1)
  }

  /// A sweep that began then has served every moment until then, or the next one if it was early.
  mutating func serve(at begin: Moment) {
    due = due.advanced(by: interval * max(1, count(until: begin)))
  }

  /// Moments that no sweep has served and that are not after `now`.
  private func count(until now: Moment) -> Int {
    let late = due.duration(to: now)
    guard late >= .zero else { return 0 }
    // The quotient is rounded; the two comparisons are exact.
    var count = Int(late / interval) + 1
    while due.advanced(by: interval * count) <= now { count += 1 }
    while count > 0, due.advanced(by: interval * (count - 1)) > now { count -= 1 }
    return count
  }
}
