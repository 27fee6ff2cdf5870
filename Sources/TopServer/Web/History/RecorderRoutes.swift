import Jansson
import MicroHTTPD

/// `/start` and `/stop`: switch the recorder, and say what it does.
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
