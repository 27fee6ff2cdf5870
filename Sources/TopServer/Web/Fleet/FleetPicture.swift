import Synchronization

/// A scene of the fleet and its text, which all answers share.
final class FleetPicture: Sendable {
  let scene: FleetScene
  /// The text of the previous picture, whose unchanged parts are reused.
  private let before: FleetText?
  private let made = Mutex<FleetText?>(nil)

  init(_ scene: FleetScene, after before: FleetPicture? = nil) {
    self.scene = scene
    self.before = before?.made.withLock { $0 }
  }

  /// Every host as JSON, made on first use and then shared.
  var text: FleetText {
    if let ready = made.withLock({ $0 }) { return ready }
    // Outside the lock: two threads may make the same text, but neither waits for the other.
    let text = FleetText(scene, after: before)
    return made.withLock { made in
      made = made ?? text
      return made ?? text
    }
  }
}
