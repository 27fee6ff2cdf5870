import Linux
import Synchronization

/// Login names by user id, each looked up once: the user database may be far away.
final class UserNames: Sendable {
  private let lookUp: @Sendable (UInt32) -> String?
  private let known = Mutex<[UInt32: String?]>([:])

  init(lookUp: @escaping @Sendable (UInt32) -> String? = Host.userName(of:)) {
    self.lookUp = lookUp
  }

  func name(of uid: UInt32) -> String? {
    if let name = known.withLock({ $0[uid] }) { return name }
    let name = lookUp(uid)
    known.withLock { $0[uid] = .some(name) }
    return name
  }
}
