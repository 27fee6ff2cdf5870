/// Decides when the next sweep is due, and measures how late a sweep is.
///
/// Every due moment is a whole number of intervals after the first, so the length of sweeps adds no drift. Missed
/// moments (a slow sweep, a suspended machine) are skipped and counted, so no burst follows.
struct TickSchedule<Moment: InstantProtocol> where Moment.Duration == Duration {
  /// How late a sweep is.
  struct Delay: Equatable {
    /// Time from the first unserved moment until the sweep begins.
    var lag = Duration.zero
    /// Unserved moments before the newest one.
    var skipped = 0
  }

  private let interval: Duration
  /// The first unserved moment.
  private var due: Moment

  init(start: Moment, interval: Duration) {
    self.interval = interval
    due = start.advanced(by: interval)
  }

  /// The first unserved moment of the schedule after `now`.
  func next(after now: Moment) -> Moment {
    due.advanced(by: interval * count(until: now))
  }

  /// The delay of a sweep that begins at `begin`.
  func delay(at begin: Moment) -> Delay {
    let count = count(until: begin)
    return count == 0 ? Delay() : Delay(lag: due.duration(to: begin), skipped: count - 1)
  }

  /// Marks every moment until `begin` as served, or the next moment if the sweep was early.
  mutating func serve(at begin: Moment) {
    due = due.advanced(by: interval * max(1, count(until: begin)))
  }

  /// The number of unserved moments at or before `now`.
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
