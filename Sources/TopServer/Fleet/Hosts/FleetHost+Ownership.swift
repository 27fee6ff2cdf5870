import Linux

/// Decides which client owns a host's name: one run of an agent, while its connection lasts and five minutes longer.
///
/// All agents share one token, so nothing that a client says proves which host it is: neither its boot, nor its uptime,
/// nor its address. Only the tag of a run proves something, since it is random and no other client knows it:
/// - the run that owns the name may return at any time, from any address;
/// - a run that owned the name before, and was silent when another run took it, gets it back;
/// - a run that closes its connection with 1001 releases the name for the next run, which is its restart;
/// - any other run waits until the name is free, and may not send samples of earlier times.
extension FleetHost {
  /// Nanoseconds for which a name stays reserved after the connection of its run ended: agents return within seconds.
  static let keepingTime: Int64 = 300_000_000_000
  /// The limit of remembered previous owners.
  static let mostFormerOwners = 3

  /// A connection to close, and why.
  struct Replacement: Sendable, Equatable {
    var link: Link
    var reason: String
  }

  static let newerReason = "a newer connection has replaced this one"
  static let formerReason = "the previous owner of this name has reconnected; choose another name"

  /// A client that claims the host's name.
  struct Claim {
    var link: Link
    var network: AddressKey
    var run: String
  }

  /// Gives the name to a connection.
  ///
  /// - Returns: The connection that had it before.
  /// - Throws: A ``FleetRefusal`` when the name is not given; nothing has changed then.
  mutating func admit(_ claim: Claim, at now: Int64) throws(FleetRefusal) -> Replacement? {
    let former = link
    var reason = Self.newerReason
    if owner?.isSame(run: claim.run, network: claim.network) == true {
      if claim.run.isEmpty, former != nil, state(at: now) == .live { throw Self.taken }
      owner?.network = claim.network
    } else if let place = place(ofFormer: claim) {
      reclaim(place, claim, at: now)
      reason = Self.formerReason
    } else {
      try change(to: claim, at: now)
    }
    link = claim.link
    isGivenUp = false
    return former.map { Replacement(link: $0, reason: reason) }
  }

  /// Reserves the name after the owner's connection ended.
  ///
  /// - Parameter isGivenUp: Whether the client said that its run ends; the next run need not wait then.
  mutating func release(at now: Int64, isGivenUp: Bool) {
    link = nil
    keptUntil = isGivenUp ? now : now + Self.keepingTime
    self.isGivenUp = isGivenUp
    revision += 1
  }

  private static let taken = FleetRefusal(
    cause: .hostTaken, reason: "another client uses the name of this host; choose another name")
  private static let kept = FleetRefusal(
    cause: .hostKept,
    reason: "this name is reserved for 5 minutes for the run that had it: "
      + "wait if that run was killed, else choose another name")

  /// The index of a previous run that owned the name before the present owner.
  private func place(ofFormer claim: Claim) -> Int? {
    guard let owner else { return nil }
    return formerOwners.firstIndex {
      $0.isSame(run: claim.run, network: claim.network) && $0.since < owner.since
    }
  }

  private mutating func reclaim(_ place: Int, _ claim: Claim, at now: Int64) {
    var back = formerOwners.remove(at: place)
    retire(at: now)
    back.resume(at: now - NameOwner.tolerance)
    back.network = claim.network
    owner = back
  }

  private mutating func change(to claim: Claim, at now: Int64) throws(FleetRefusal) {
    if owner != nil {
      guard link == nil else { throw Self.taken }
      guard now >= keptUntil else { throw Self.kept }
    }
    // No run owned the name after it was released, so the next run may send what it sampled since then. The first run of
    // a new name may send everything.
    let start =
      owner == nil || isGivenUp ? latestMoment : max(latestMoment, now - NameOwner.tolerance)
    retire(at: now)
    owner = NameOwner(run: claim.run, network: claim.network, since: now, from: start)
  }

  /// Remembers the present owner as a previous one, unless it released the name.
  private mutating func retire(at now: Int64) {
    guard !isGivenUp, var former = owner else { return }
    former.end(at: now)
    formerOwners.insert(former, at: 0)
    guard formerOwners.count > Self.mostFormerOwners else { return }
    // Many runs that own it for a short time must not displace the one that owned it for long.
    let shortest = formerOwners.indices.min { formerOwners[$0].tenure < formerOwners[$1].tenure }
    if let shortest { formerOwners.remove(at: shortest) }
  }
}
