import Linux

/// Decides which client owns a host's name: one run of an agent, while its connection lasts and five minutes longer.
///
/// While all agents share one token, nothing proves the identity of a client. So a name passes from one run to another
/// only when that looks like a restart, or when the name is free:
/// - the run that owns the name may return at any time, from any address, since no other client knows the run's tag;
/// - a run that owned the name before the present owner gets it back, unless the present owner is its own restart;
/// - a restarted agent takes the name over at once: it has the same boot of the same machine, and began after the last
///   sample of the former run; or it has the same address, and its machine booted after that sample;
/// - any other run waits until the name is free, and may not send samples of earlier times.
extension FleetHost {
  /// Nanoseconds for which a name stays reserved after the connection of its run ended: agents return within seconds.
  static let keepingTime: Int64 = 300_000_000_000
  /// The limit of remembered former owners.
  private static let mostFormerOwners = 3
  /// Nanoseconds by which the beginning of a run may overlap the end of the previous one.
  private static let restartTolerance: Int64 = 5_000_000_000

  /// A connection to close, and why.
  struct Replacement: Sendable, Equatable {
    var link: Link
    var reason: String
  }

  static let newerReason = "a newer connection speaks for this host"
  static let formerReason = "the host that had this name before is back; choose another name"

  /// A client that claims the host's name.
  struct Claim {
    var link: Link
    var network: AddressKey
    var sample: HostSample
    /// When the sample was taken, in nanoseconds since the hub's boot.
    var moment: Int64
  }

  /// Gives the name to a connection.
  ///
  /// - Returns: The connection that had it before.
  /// - Throws: a ``FleetRefusal`` when the name is not given; nothing has changed then.
  mutating func admit(_ claim: Claim, at now: Int64) throws(FleetRefusal) -> Replacement? {
    let former = link
    var reason = Self.newerReason
    if owner?.isSame(run: claim.sample.run, network: claim.network) == true {
      if claim.sample.run.isEmpty, former != nil, state(at: now) == .live { throw Self.taken }
      owner?.network = claim.network
    } else if let place = place(ofFormer: claim) {
      takeBack(place, claim, at: now)
      reason = Self.formerReason
    } else {
      try change(to: claim, at: now)
    }
    link = claim.link
    return former.map { Replacement(link: $0, reason: reason) }
  }

  /// Reserves the name after the owner's connection ended.
  mutating func release(at now: Int64) {
    link = nil
    keptUntil = now + Self.keepingTime
    revision += 1
  }

  private static let taken = FleetRefusal(
    cause: .hostTaken, reason: "another client sends as this host; choose another name")
  private static let kept = FleetRefusal(
    cause: .hostKept,
    reason: "this name is kept for 5 minutes for the agent that had it; choose another, or wait")

  /// The index of a former run that owned the name before the present owner.
  private func place(ofFormer claim: Claim) -> Int? {
    guard let owner else { return nil }
    return formerOwners.firstIndex {
      $0.isSame(run: claim.sample.run, network: claim.network) && $0.since < owner.since
    }
  }

  private mutating func takeBack(_ place: Int, _ claim: Claim, at now: Int64) {
    var back = formerOwners.remove(at: place)
    retire(at: now)
    back.resume(at: now - NameOwner.tolerance)
    back.network = claim.network
    owner = back
  }

  private mutating func change(to claim: Claim, at now: Int64) throws(FleetRefusal) {
    guard let before = owner else {
      // The name is new, or an earlier version of the hub stored no run: the first client gets it.
      owner = NameOwner(
        run: claim.sample.run, network: claim.network, since: now, from: Int64.min)
      return
    }
    if isRestart(claim, of: before) {
      guard link == nil || state(at: now) != .live else { throw Self.taken }
      owner = NameOwner(
        run: claim.sample.run, network: claim.network, since: before.since, from: latestMoment)
      return
    }
    guard link == nil else { throw Self.taken }
    guard now >= keptUntil else { throw Self.kept }
    retire(at: now)
    owner = NameOwner(
      run: claim.sample.run, network: claim.network, since: now,
      from: max(latestMoment, now - NameOwner.tolerance))
  }

  private mutating func retire(at now: Int64) {
    guard var former = owner else { return }
    former.end(at: now)
    formerOwners.insert(former, at: 0)
    formerOwners.removeLast(max(0, formerOwners.count - Self.mostFormerOwners))
  }

  private func isRestart(_ claim: Claim, of before: NameOwner) -> Bool {
    guard let new = RunTag(claim.sample.run), let old = RunTag(before.run) else { return false }
    if new.boot == old.boot {
      // Both count from the same boot. After a restart, the hub does not know the last uptime.
      let end = max(old.started, latest.uptime.map { Int64($0 * 1e9) } ?? old.started)
      return new.started > old.started && new.started >= end - Self.restartTolerance
    }
    guard claim.network == before.network, let uptime = claim.sample.uptime else { return false }
    let booted = claim.moment - Int64(uptime * 1e9)
    return booted >= latestMoment - Self.restartTolerance
      && new.started <= Int64(uptime * 1e9) + Self.restartTolerance
  }
}
