import ProcFS

/// The CPU time of processes over a past time range, including processes that exited.
struct RecordedProcessUse {
  /// Hundredths of a second of CPU time.
  struct Time {
    var user: Int64 = 0
    var system: Int64 = 0

    init(_ user: Int64 = 0, _ system: Int64 = 0) { (self.user, self.system) = (user, system) }

    static func += (left: inout Time, right: Time) {
      left.user += right.user
      left.system += right.system
    }

    /// - Returns: `nil` when no time was measured.
    func share(over microseconds: Int64) -> CPUShare? {
      guard microseconds > 0 else { return nil }
      let scale = 10_000 / Double(microseconds)
      return CPUShare(user: Double(user) * scale, system: Double(system) * scale)
    }
  }

  struct Use {
    var own = Time()
    /// The time of ended children.
    var children = Time()
    /// The part of the newest point.
    var ownRecent = Time()
    var childrenRecent = Time()
    /// The microseconds over which the use was counted; `nil` for the whole range.
    var window: Int64?
  }

  private var uses: [ProcessIdentity: Use] = [:]
  private var parents: [ProcessIdentity: Int32] = [:]

  /// The number of processes whose use it keeps.
  var count: Int { uses.count }

  mutating func change(_ process: RecordedProcess, _ body: (inout Use) -> Void) {
    body(&uses[process.identity, default: Use()])
    know(process)
  }

  /// Records the parent of a process, even of an idle one: it may link an exited process to its nearest living
  /// ancestor.
  mutating func know(_ process: RecordedProcess) {
    parents[process.identity] = process.parentPID
  }

  /// The use of the processes that exist at the end; an exited process's use goes to its nearest living ancestor.
  ///
  /// The live table knows which process waited for an exited one. The history does not record that, but it is nearly
  /// always the nearest ancestor. Without one, pid 1 adopted the process, so that no time is lost.
  func settled(among present: [RecordedProcess]) -> [ProcessIdentity: Use] {
    let living = Dictionary(present.map { ($0.identity.pid, $0.identity) }) { $1 }
    let gone = parents.filter { living[$0.key.pid] != $0.key }
    let ancestry = Ancestry(
      living: Set(living.keys), parents: Dictionary(gone.map { ($0.key.pid, $0.value) }) { $1 })
    var settled = uses.filter { gone[$0.key] == nil }
    for (identity, parent) in gone {
      let heir = ancestry.nearestLiving(from: parent) ?? 1
      guard let use = uses[identity], let identity = living[heir] else { continue }
      settled[identity, default: Use()].children += use.own
      settled[identity, default: Use()].children += use.children
    }
    return settled
  }
}
