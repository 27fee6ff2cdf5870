import ProcFS

/// What the processes of a group have in common: the values of `group=`.
enum Grouping: String, Sendable, CaseIterable {
  case program, name, user, unit, container, pod, cgroup, state

  /// The key of the group to which a process belongs.
  ///
  /// - Returns: `nil` for a process that has no unit, container or pod, or whose control group is unknown. A user
  ///   without a name is known by the number, so that two such users are two groups.
  func key(of row: ProcessRow, _ users: KnownUsers) -> String? {
    switch self {
    case .program: row.program
    case .name: row.name
    case .user: users.text(of: row.uid) ?? "\(row.uid)"
    case .unit: row.details?.cgroup?.unit
    case .container: row.details?.cgroup?.container
    case .pod: row.details?.cgroup?.pod
    case .cgroup: row.details?.cgroup?.path
    case .state: row.state.rawValue
    }
  }

  /// Whether keys depend on the names of users.
  var readsUsers: Bool { self == .user }
}
