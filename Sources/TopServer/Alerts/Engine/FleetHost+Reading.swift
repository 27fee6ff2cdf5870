import Linux
import ProcFS

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
    switch metric {
    case .cpu: return .of(latest.busy, orMissing: Self.missing)
    case .load(let span, let perCPU):
      return .of(load(span, dividedBy: perCPU ? latest.cpuCount : 1), orMissing: Self.missing)
    case .memory: return .of(latest.memory?.usedShare, orMissing: Self.missing)
    case .coverage: return .of(noticeableCoverage, orMissing: Self.missing)
    case .swap, .disk, .pressure, .process, .silence: return AlertReading(note: Self.missing)
    }
  }

  private static let missing = "the host does not say"

  private func load(_ span: AlertMetric.LoadSpan, dividedBy divisor: Int?) -> Double? {
    guard let load = latest.load, let divisor else { return nil }
    switch span {
    case .one: return load.one / Double(max(1, divisor))
    case .five: return load.five / Double(max(1, divisor))
    case .fifteen: return load.fifteen / Double(max(1, divisor))
    }
  }

  /// Coverage where it matters: on an idle machine a few ticks are a large share of nothing.
  private var noticeableCoverage: Double? {
    guard let coverage = latest.coverage, let busy = latest.busy, let cpus = latest.cpuCount else {
      return nil
    }
    let missing = (1 - coverage) * busy * Double(cpus)
    return missing > CoverageAdvice.noticeable ? coverage : 1
  }
}
