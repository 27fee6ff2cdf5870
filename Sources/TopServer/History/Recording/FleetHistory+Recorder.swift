import Linux
import ProcFS

extension FleetHistory: FleetRecorder {
  func take(_ sample: HostSample, isProvisional: Bool, isOpening: Bool) {
    take(
      FleetPoint(sample), of: sample.host, run: sample.run, sequence: sample.sequence,
      isProvisional: isProvisional, isOpening: isOpening, at: .now())
  }
}

extension FleetPoint {
  init(_ sample: HostSample) {
    self.init(time: sample.time / 1_000_000, interval: sample.interval) { kind in
      let share =
        switch kind {
        case .busy: sample.busy
        case .user: sample.modes?.user
        case .system: sample.modes?.system
        case .iowait: sample.modes?.iowait
        case .steal: sample.modes?.steal
        case .memory: sample.memory?.usedShare
        case .coverage: sample.coverage
        case .load: nil as Double?
        }
      return kind == .load ? sample.load?.one : share.map { $0 * 100 }
    }
  }
}
