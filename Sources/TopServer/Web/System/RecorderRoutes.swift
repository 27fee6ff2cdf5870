import Jansson
import MicroHTTPD

/// `/start` and `/stop`: switch the recorder, and return its state.
struct RecorderRoutes: Sendable {
  let recorder: Recorder

  private static let starting = ChangeRoute(
    button: "Start recording", explanation: "The recorder then writes each sample to its file.",
    action: "start")
  private static let stopping = ChangeRoute(
    button: "Stop recording",
    explanation: "The recorder then writes no samples until it is started again.", action: "stop")

  func start(_ request: borrowing Request) -> Reply {
    Self.starting.answer(request) { set(true) }
  }

  func stop(_ request: borrowing Request) -> Reply {
    Self.stopping.answer(request) { set(false) }
  }

  private func set(_ isOn: Bool) -> Reply {
    Reply(.fresh(RecorderText.object(recorder.setOn(isOn)).encoded() + [0x0A]))
  }
}

/// The state of the recorder, as `/start`, `/stop` and `/system` show it.
enum RecorderText {
  static func object(_ state: RecorderState) -> JSONValue {
    func time(_ milliseconds: Int64?) -> JSONValue {
      JSONValue(milliseconds) { .string(RFC3339.text(millisecondsSinceEpoch: $0)) }
    }
    return .object([
      .init("recording", .bool(state.isRecording)),
      .init("reason", JSONValue(state.isOn ? state.fault : "switched off") { .string($0) }),
      .init("switched_on", .bool(state.isOn)),
      .init("since", time(state.since)),
      .init("file", JSONValue(state.path) { .string($0) }),
      .init("size_bytes", .integer(state.size)),
      .init("limit_bytes", .integer(state.limit)),
      .init("oldest", time(state.oldest)),
      .init("flushed_through", time(state.flushedThrough)),
      .init("held_samples", .integer(Int64(state.heldPoints))),
      .init("lost_samples", .integer(Int64(state.lostPoints))),
    ])
  }
}
