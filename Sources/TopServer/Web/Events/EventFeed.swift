import Jansson
import Linux
import MicroHTTPD

/// Publishes the events of `/events`: each is made once for all clients, and only while there are any.
final class EventFeed: Sendable {
  let broadcaster: Broadcaster
  private let recorder: Latest<RecorderState>
  private let shown: Latest<Shown?>
  /// When there last was a client, in nanoseconds on the monotonic clock; `nil` if there never was one.
  private let listenedAt = Latest<Int64?>(nil)

  /// The parts of the recorder's state that events show.
  private struct Shown: Sendable, Equatable {
    var isOn: Bool
    var fault: String?
  }

  /// How long events are still made after the last client left, so that a returning client gets those that it missed.
  private static let memory: Int64 = 60_000_000_000

  init(recorder: Latest<RecorderState>, broadcaster: Broadcaster) {
    self.recorder = recorder
    self.broadcaster = broadcaster
    shown = Latest(nil)
  }

  /// Publishes the events of a snapshot.
  ///
  /// - Parameter system: Returns the text of /system for the snapshot.
  func publish(
    _ snapshot: Snapshot, _ transitions: [AlertTransition], system: () -> Body?
  ) {
    let now = snapshot.time.monotonic
    guard isWorthwhile(at: now) else { return }
    // Events without an id come before the event that has one, since both are replayed together.
    publish(transitions, at: snapshot.time)
    publishRecorder(at: now)
    if let system = system() {
      let text = system.bytes.dropLast()
      broadcaster.publish(
        EventChunk(id: snapshot.sequence, event: "system", data: Array(text)), at: now)
    }
  }

  /// Publishes the events of a tick of the fleet.
  ///
  /// - Parameter before: The previous scene.
  func publish(
    _ scene: FleetScene, _ steps: [FleetStep], _ transitions: [AlertTransition],
    after before: FleetScene
  ) {
    let time = scene.time
    guard isWorthwhile(at: time.monotonic) else { return }
    publish(transitions, at: time)
    if let text = FleetEventText.make(scene, steps, after: before) {
      broadcaster.publish(EventChunk(event: "host", data: text), at: time.monotonic)
    }
  }

  /// The limit of alert events at once; when a whole fleet goes silent, one more event counts the others.
  private static let mostAlerts = 16

  private func publish(_ transitions: [AlertTransition], at time: Instant) {
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

  /// Whether there is a client, or was one recently.
  private func isWorthwhile(at now: Int64) -> Bool {
    if broadcaster.readerCount > 0 { listenedAt.publish(now) }
    guard let listenedAt = listenedAt.value else { return false }
    return now - listenedAt < Self.memory
  }

  /// Sends a comment when there are no samples, until the task is cancelled, so that closed connections are noticed.
  func breakSilence(clock: some Clock<Duration>) async throws {
    while true {
      try await clock.sleep(for: .seconds(1))
      broadcaster.breakSilence(at: Instant.monotonicNow())
    }
  }

  private func publishRecorder(at now: Int64) {
    let state = recorder.value
    let shown = Shown(isOn: state.isOn, fault: state.fault)
    guard shown != self.shown.value else { return }
    self.shown.publish(shown)
    broadcaster.publish(
      EventChunk(event: "recorder", data: RecorderText.object(state).encoded()), at: now)
  }
}
