/// When the next sweep is due.
///
/// Every moment is a whole number of intervals after the first, so the rate does not drift by the length of the sweeps;
/// those that were missed (a slow sweep, a stopped machine) are left out, so no burst follows.
struct TickSchedule<Moment: InstantProtocol> where Moment.Duration == Duration {
  private let interval: Duration
  private var due: Moment

  init(start: Moment, interval: Duration) {
    self.interval = interval
    due = start
  }

  /// The first moment of the schedule that lies after `now`.
  mutating func next(after now: Moment) -> Moment {
    let late = due.duration(to: now)
    let missed = late < .zero ? 0 : (late / interval).rounded(.down)
    due = due.advanced(by: interval * (missed + (late < .zero ? 0 : 1)))
    return due
  }
}
