import Jansson
import Linux
import MicroHTTPD

/// What `/events` tells: each event is made once, for all readers, and only while there are any.
final class EventFeed: Sendable {
  let broadcaster: Broadcaster
  private let recorder: Latest<RecorderState>
  private let shown: Latest<Shown?>
  /// Nanoseconds on the monotonic clock at which there last was a reader; `nil` when there never was one.
  private let listenedAt = Latest<Int64?>(nil)

  /// What of the recorder's state is worth an event.
  private struct Shown: Sendable, Equatable {
    var isOn: Bool
    var fault: String?
  }

  /// So long after the last reader went, events are still made: whoever comes back finds what was missed.
  private static let memory: Int64 = 60_000_000_000

  init(recorder: Latest<RecorderState>, broadcaster: Broadcaster) {
    self.recorder = recorder
    self.broadcaster = broadcaster
    shown = Latest(nil)
  }

  /// Tells the readers of a snapshot and of what came with it.
  ///
  /// - Parameter system: Gives the text of /system for it.
  func publish(
    _ snapshot: Snapshot, _ transitions: [AlertTransition], system: () -> Body?
  ) {
    let now = snapshot.time.monotonic
    guard isWorthwhile(at: now) else { return }
    // What has no id comes before the event that has it: the two are replayed together.
    tell(transitions, at: snapshot.time)
    tellRecorder(at: now)
    if let system = system() {
      let text = system.bytes.dropLast()
      broadcaster.publish(
        EventChunk(id: snapshot.sequence, event: "system", data: Array(text)), at: now)
    }
  }

  /// Tells the readers of the fleet.
  ///
  /// - Parameter before: The scene that they know.
  func publish(
    _ scene: FleetScene, _ steps: [FleetStep], _ transitions: [AlertTransition],
    after before: FleetScene
  ) {
    let time = scene.time
    guard isWorthwhile(at: time.monotonic) else { return }
    tell(transitions, at: time)
    if let text = FleetEventText.make(scene, steps, after: before) {
      broadcaster.publish(EventChunk(event: "host", data: text), at: time.monotonic)
    }
  }

  /// Alerts that are told one by one; when a whole fleet goes silent, readers are told how many more there are.
  private static let mostAlerts = 16

  private func tell(_ transitions: [AlertTransition], at time: Instant) {
    let meant = transitions.filter(\.isForReaders)
    for transition in meant.prefix(Self.mostAlerts) {
      let text = AlertJSON.object(transition, at: time).encoded()
      broadcaster.publish(EventChunk(event: "alert", data: text), at: time.monotonic)
    }
    guard meant.count > Self.mostAlerts else { return }
    let more = JSONValue.object([
      .init("at", .string(RFC3339.text(nanosecondsSinceEpoch: time.wall))),
      .init("count", .integer(Int64(meant.count - Self.mostAlerts))),
    ])
    broadcaster.publish(EventChunk(event: "more-alerts", data: more.encoded()), at: time.monotonic)
  }

  /// Whether anybody listens, or did so lately.
  private func isWorthwhile(at now: Int64) -> Bool {
    if broadcaster.readerCount > 0 { listenedAt.publish(now) }
    guard let listenedAt = listenedAt.value else { return false }
    return now - listenedAt < Self.memory
  }

  /// Lets readers hear something while there are no samples, until it is cancelled: so those that are gone are noticed.
  func breakSilence(clock: some Clock<Duration>) async throws {
    while true {
      try await clock.sleep(for: .seconds(1))
      broadcaster.breakSilence(at: Instant.monotonicNow())
    }
  }

  private func tellRecorder(at now: Int64) {
    let state = recorder.value
    let shown = Shown(isOn: state.isOn, fault: state.fault)
    guard shown != self.shown.value else { return }
    self.shown.publish(shown)
    broadcaster.publish(
      EventChunk(event: "recorder", data: RecorderText.object(state).encoded()), at: now)
  }
}
