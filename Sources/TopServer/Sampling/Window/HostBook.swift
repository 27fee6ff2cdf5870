import Linux

/// Keeps the host's counters of the sweep before, so that the next ones give rates.
struct HostBook: Sendable {
  private var previous: (time: Int64, counters: HostCounters)?
  private var shortlists = HostShortlists()

  /// Takes the next sample's counters.
  mutating func add(_ sample: Sample) -> HostUse {
    let time = sample.time.monotonic
    defer { previous = (time, sample.host) }
    let seconds = Double(time - (previous?.time ?? time)) / 1e9
    var use = HostUse(sample.host, since: previous?.counters, seconds: seconds)
    use.listed = shortlists.choose(use, seconds: max(0, seconds))
    return use
  }
}
