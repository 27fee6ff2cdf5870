import Linux

extension FleetHost {
  /// Reads the metric of a rule from the newest sample of a host.
  ///
  /// - Parameter isFiring: Whether the rule fires. The silence of a host counts from the start of the hub, which could
  ///   not receive anything before. But a restored alert keeps firing until the host sends again.
  func reading(
    of metric: AlertMetric, at now: Instant, isFiring: Bool = false
  ) -> AlertReading {
    if metric == .silence {
      let silence = silence(at: now.sinceBoot)
      return AlertReading(
        value: isFiring && !isHeard ? max(silence, age(at: now.sinceBoot)) : silence)
    }
    guard state == .live else {
      return AlertReading(note: "the host is silent")
    }
    guard case .measure(let measure) = metric, let value = measure.readElsewhere?(latest.numbers)
    else { return AlertReading(note: "the host does not say") }
    return AlertReading(value: value)
  }
}
