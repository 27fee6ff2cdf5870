import Linux
import Logging

/// Records what the sampler sees, unless it is switched off.
///
/// It keeps the newest points in memory and hands them to the ``HistoryWriter`` every few seconds; while the file cannot
/// be written it holds up to an hour of them.
actor Recorder: OwnThreadActor {
  nonisolated let executor = SerialQueueExecutor(label: "recorder")
  /// What readers need beside the file.
  nonisolated let recent = Latest(RecentHistory())
  nonisolated let state: Latest<RecorderState>
  /// What is recorded of other hosts.
  nonisolated let fleet: FleetHistory
  private nonisolated let isWanted: Latest<Bool>
  private nonisolated let isDoubted = Latest(false)

  private let writer: HistoryWriter?
  private let logger: Logger
  private let flushInterval: Int64
  private let bootID: String
  private let interval: Duration
  private var builder: HistoryBuilder?
  /// Blocks that are complete and not in the file.
  private var pending = HeldBlocks()
  private var flushing: Task<Void, Never>?
  /// Processes that are on their way to the file.
  private var written: [RecordedProcess] = []
  private var nextFlush: Int64 = 0

  /// - Parameters:
  ///   - writer: `nil` when there is no place for a file.
  ///   - interval: How far apart samples are meant to be.
  ///   - flushInterval: How far apart batches are written.
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

  /// Switches it on or off; to say so twice does no harm.
  ///
  /// It holds from the next sample on.
  ///
  /// - Returns: The state as it will be.
  nonisolated func setOn(_ isOn: Bool) -> RecorderState {
    isWanted.publish(isOn)
    return state.update { state in
      guard state.isOn != isOn else { return }
      state.isOn = isOn
      state.since = Instant.now().wall / 1_000_000
    }
  }

  /// Has the file looked through, since a reader found it damaged.
  nonisolated func doubtFile() { isDoubted.publish(true) }

  /// Records until the snapshots end, and then writes what is left.
  func run(_ snapshots: AsyncStream<Snapshot>) async {
    // Nanoseconds, so that two servers that start together number nothing alike: one may take over the other's file.
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

  /// Bounds what is held while the file cannot be written.
  private func giveUpOldest() {
    guard let names = builder?.endedNames else { return }
    let given = pending.giveUp(names: names)
    guard !given.isEmpty else { return }
    // Processes that are alive or that a block still names keep their names.
    if let first = blocks.first?.id { builder?.forget(before: first, except: written) }
    let lost = given.reduce(0) { $0 + $1.points.count }
    state.update { $0.lostPoints += lost }
  }

  private var blocks: [HistoryBlock] { pending.blocks + (builder?.open.map { [$0] } ?? []) }

  private func publish() {
    recent.publish(RecentHistory(blocks: blocks, met: builder?.met ?? []))
  }

  // MARK: - Writing

  /// - Parameter isLast: Whether minutes of other hosts go along that are not over.
  private func flush(isLast: Bool = false) async {
    let minutes = fleet.nextBatch(isLast: isLast)
    guard let writer, let builder else { return }
    let batch = HistoryBatch(
      blocks: blocks, met: builder.met, gone: builder.gone, fleet: minutes)
    let isDoubted = isDoubted.value
    guard !batch.isEmpty || isDoubted else { return }
    self.isDoubted.publish(false)
    written = batch.met
    let outcome = await writer.write(batch, isDoubted: isDoubted)
    written = []
    if outcome.fault == nil { settle(batch) }
    fleet.wrote(outcome.fault == nil)
    report(outcome, batch)
    publish()
  }

  /// Lets go of what is in the file now.
  private func settle(_ batch: HistoryBatch) {
    // A block that went on while the batch was written has points that are not in it.
    let written = Dictionary(uniqueKeysWithValues: batch.blocks.map { ($0.id, $0.points.count) })
    pending.removeAll { written[$0.id] == $0.points.count }
    builder?.forget(batch)
    fleet.settle(batch.fleet)
  }

  private func report(_ outcome: HistoryWriter.Outcome, _ batch: HistoryBatch) {
    let before = state.value
    if outcome.fault == nil, before.generation != outcome.generation, before.generation > 0 {
      // A new file knows none of the processes that are alive.
      builder?.meetAgain()
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
