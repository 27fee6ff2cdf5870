import Linux
import Logging

/// Records the sampler's snapshots unless it is switched off.
///
/// It keeps the newest points in memory and passes them to the ``HistoryWriter`` every few seconds. While the file
/// cannot be written, it holds up to an hour of points.
actor Recorder: OwnThreadActor {
  nonisolated let executor = SerialQueueExecutor(label: "recorder")
  /// The points that readers need in addition to the file.
  nonisolated let recent = Latest(RecentHistory())
  nonisolated let state: Latest<RecorderState>
  /// The history of other hosts.
  nonisolated let fleet: FleetHistory
  private nonisolated let isWanted: Latest<Bool>
  private nonisolated let isDoubted = Latest(false)

  private let writer: HistoryWriter?
  private let logger: Logger
  private let flushInterval: Int64
  private let bootID: String
  private let interval: Duration
  private var builder: HistoryBuilder?
  /// Complete blocks that are not in the file yet.
  private var pending = HeldBlocks()
  private var flushing: Task<Void, Never>?
  /// Processes that are being written to the file.
  private var written: [RecordedProcess] = []
  private var nextFlush: Int64 = 0

  /// - Parameters:
  ///   - writer: `nil` when there is no folder for the file.
  ///   - interval: The intended time between two samples.
  ///   - flushInterval: The time between two batches.
  init(
    writer: HistoryWriter?, isOn: Bool, limit: Int64, bootID: String, interval: Duration,
    flushInterval: Duration, logger: Logger
  ) {
    self.writer = writer
    self.bootID = bootID
    self.interval = interval
    self.flushInterval = Int64(flushInterval / .nanoseconds(1))
    self.logger = logger
    let isWanted = Latest(isOn)
    self.isWanted = isWanted
    fleet = FleetHistory(hasFile: writer != nil) { isWanted.value }
    state = Latest(
      RecorderState(
        isOn: isOn, since: Instant.now().wall / 1_000_000,
        fault: writer == nil ? Self.noPlace : nil,
        path: writer?.path, limit: limit))
  }

  private static let noPlace = "there is no folder for it; choose one with --data"

  /// Switches recording on or off from the next sample on; repeating the call has no effect.
  ///
  /// - Returns: The state after the switch.
  nonisolated func setOn(_ isOn: Bool) -> RecorderState {
    isWanted.publish(isOn)
    return state.update { state in
      guard state.isOn != isOn else { return }
      state.isOn = isOn
      state.since = Instant.now().wall / 1_000_000
    }
  }

  /// Requests a check of the file after a reader found it damaged.
  nonisolated func doubtFile() { isDoubted.publish(true) }

  /// Records until the stream of snapshots ends, and then writes the rest.
  func run(_ snapshots: AsyncStream<Snapshot>) async {
    // Nanoseconds, so that two servers that start together use different numbers: one may later take over the other's
    // file.
    let time = Instant.now().wall
    let number = await writer?.firstNumber(atLeast: time) ?? time
    if let hosts = await writer?.hosts() { fleet.know(hosts) }
    builder = HistoryBuilder(bootID: bootID, firstNumber: number, interval: interval)
    for await snapshot in snapshots {
      record(snapshot)
      let now = Instant.monotonicNow()
      if now >= nextFlush, flushing == nil {
        nextFlush = now + flushInterval
        flushing = Task {
          await flush()
          flushing = nil
        }
      }
    }
    await flushing?.value
    if let last = builder?.endRun() { pending.append(last) }
    await flush(isLast: true)
  }

  private func record(_ snapshot: Snapshot) {
    if isWanted.value {
      if let ended = builder?.add(snapshot) { pending.append(ended) }
    } else if let ended = builder?.endRun() {
      pending.append(ended)
    }
    giveUpOldest()
    publish()
  }

  /// Bounds the memory of held blocks while the file cannot be written.
  private func giveUpOldest() {
    guard let names = builder?.endedNames else { return }
    let given = pending.giveUp(names: names)
    guard !given.isEmpty else { return }
    // Keep the names of living processes and of those that a block still refers to.
    if let first = blocks.first?.id { builder?.forget(before: first, except: written) }
    let lost = given.reduce(0) { $0 + $1.points.count }
    state.update { $0.lostPoints += lost }
  }

  private var blocks: [HistoryBlock] { pending.blocks + (builder?.open.map { [$0] } ?? []) }

  private func publish() {
    recent.publish(RecentHistory(blocks: blocks, appeared: builder?.appeared ?? []))
  }

  // MARK: - Writing

  /// - Parameter isLast: Whether to include incomplete minutes of other hosts.
  private func flush(isLast: Bool = false) async {
    let minutes = fleet.nextBatch(isLast: isLast)
    guard let writer, let builder else { return }
    let batch = HistoryBatch(
      blocks: blocks, appeared: builder.appeared, exited: builder.exited, fleet: minutes)
    let isDoubted = isDoubted.value
    guard !batch.isEmpty || isDoubted else { return }
    self.isDoubted.publish(false)
    written = batch.appeared
    let outcome = await writer.write(batch, isDoubted: isDoubted)
    written = []
    if outcome.fault == nil { settle(batch) }
    fleet.wrote(outcome.fault == nil)
    report(outcome, batch)
    publish()
  }

  /// Releases the blocks that are now in the file.
  private func settle(_ batch: HistoryBatch) {
    // A block that grew while the batch was written has points that are not in the file.
    let written = Dictionary(uniqueKeysWithValues: batch.blocks.map { ($0.id, $0.points.count) })
    pending.removeAll { written[$0.id] == $0.points.count }
    builder?.forget(batch)
    fleet.settle(batch.fleet)
  }

  private func report(_ outcome: HistoryWriter.Outcome, _ batch: HistoryBatch) {
    let before = state.value
    if outcome.fault == nil, before.generation != outcome.generation, before.generation > 0 {
      // A new file does not know the living processes.
      builder?.addLivingAgain()
    }
    let held = blocks.reduce(0) { $0 + $1.points.count }
    state.update { state in
      state.fault = outcome.fault
      state.generation = outcome.generation
      state.size = outcome.size
      guard outcome.fault == nil else {
        state.heldPoints = held
        return
      }
      state.oldest = outcome.oldest
      state.heldPoints = 0
      state.flushedThrough = batch.blocks.map(\.last).max() ?? state.flushedThrough
    }
    if let fault = outcome.fault, fault != before.fault {
      logger.warning("not recording: \(fault)")
    } else if outcome.fault == nil, before.fault != nil {
      logger.notice("recording again")
    }
  }
}
