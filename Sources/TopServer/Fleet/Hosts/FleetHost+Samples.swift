import Linux

/// Applies a sample to its host.
extension FleetHost {
  /// The error of a host's clock in nanoseconds above which the hub uses its own clock instead.
  private static let clockTolerance: Int64 = 2_000_000_000
  /// The nanoseconds that a sample may have waited without being late.
  private static let lateAfter: Int64 = 2_000_000_000

  /// Ensures that one connection sends for the host.
  ///
  /// - Returns: The previous connection, to be closed.
  mutating func attach(
    _ source: FleetBook.Source, _ sample: HostSample, at now: Instant, _ steps: inout [FleetStep]
  ) throws(FleetRefusal) -> Replacement? {
    guard case .connection(let newLink, let address) = source else {
      kind = .local
      owner = nil
      return link.take().map { Replacement(link: $0, reason: Self.newerReason) }
    }
    guard kind != .local else {
      throw FleetRefusal(
        cause: .hostTaken, reason: "the hub itself has this name; choose another with --name")
    }
    if link == newLink {
      guard owner?.run == sample.run else {
        throw FleetRefusal(
          cause: .hostChanged,
          reason: "a connection can send samples of only one run; open another"
        )
      }
      return nil
    }
    let claim = Claim(link: newLink, network: AddressKey(address), run: sample.run)
    let replaced = try admit(claim, at: now.sinceBoot)
    if hasConnected { reconnects += 1 }
    hasConnected = true
    self.address = address
    revision += 1
    steps.append(FleetStep(host: name, kind: .connected))
    return replaced
  }

  mutating func add(
    _ sample: HostSample, age: Int64, at now: Instant
  ) -> FleetBook.Receipt {
    var clock = owner?.clock ?? HostClock()
    let moment =
      sample.run.isEmpty || kind == .local
      ? now.sinceBoot - age : clock.moment(of: sample.time, age: age, arrival: now.sinceBoot)
    let taken = now.wall - (now.sinceBoot - moment)
    let offset = sample.time.subtractingWithinBounds(taken)
    var receipt = FleetBook.Receipt(
      outcome: .duplicate, host: name,
      time: offset.magnitude > UInt64(Self.clockTolerance) ? taken : sample.time)
    receipt.isProvisional = kind != .local && !isConfirmed
    if let owner, !owner.mayTell(of: moment, sample.sequence) {
      // Keep the clock's state: otherwise a clock that was set back would never be followed.
      self.owner?.clock = clock
      receipt.outcome = .notOwned
      return receipt
    }
    if !sample.run.isEmpty, owner?.received.insert(sample.sequence) == false { return receipt }
    owner?.clock = clock
    owner?.note(moment, sample.sequence)
    noteArrival(at: now.sinceBoot)
    receipt.isProvisional = kind != .local && !isConfirmed
    clockOffset = Double(offset) / 1e9
    if let busy = sample.busy {
      recent.add(busy, until: moment, length: length(of: sample, at: moment))
    }
    revision += 1
    receipt.isLate = age > Self.lateAfter
    if moment > latestMoment {
      pace = [latest.interval, sample.interval].compactMap(\.self).min()
      latest = sample
      latest.host = name
      latestMoment = moment
      givenUpSamples = sample.givenUp
      if kind != .local { kind = sample.kind }
      receipt.outcome = .newest
    } else {
      receipt.isLate = true
      receipt.outcome = .late
    }
    if receipt.isLate { lateSamples += 1 }
    return receipt
  }

  /// The nanoseconds that a sample covers; plain text has no interval, so it covers the time since the previous sample.
  private func length(of sample: HostSample, at moment: Int64) -> Int64 {
    if let interval = sample.interval { return Int64(interval * 1e9) }
    guard latestMoment != Int64.min else { return 1_000_000_000 }
    return min(max(0, moment - latestMoment), Int64(Self.staleAfter * 1e9))
  }
}
