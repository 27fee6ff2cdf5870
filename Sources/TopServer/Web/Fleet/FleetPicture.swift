import Synchronization

/// A scene of the fleet and its text, which all answers about it share.
final class FleetPicture: Sendable {
  let scene: FleetScene
  /// What the picture before had as text, to take over what did not change.
  private let before: FleetText?
  private let made = Mutex<FleetText?>(nil)

  init(_ scene: FleetScene, after before: FleetPicture? = nil) {
    self.scene = scene
    self.before = before?.made.withLock { $0 }
  }

  /// Every host as JSON; made when it is first asked for, and then shared.
  var text: FleetText {
    if let ready = made.withLock({ $0 }) { return ready }
    // Outside the lock: two threads may both make it, but neither waits for the other.
    let text = FleetText(scene, after: before)
    return made.withLock { made in
      made = made ?? text
      return made ?? text
    }
  }
}
