import ProcFS

/// Finds processes that were moved to another control group while they slept.
///
/// The kernel does not report such a move, and reading /proc/PID/cgroup of 10,000 sleeping processes in turn would
/// cost more than everything else. The kernel's list of a group costs a tenth of it: a process that is still on the lists of its
/// groups was not moved. Only version 2, systemd's own hierarchy and that of `cpu` are compared; another hierarchy of
/// version 1 is read when the process has run.
enum GroupCheck {
  /// The fewest processes of a group for which its lists are cheaper.
  static let fewest = 4
  /// Nanoseconds between two checks; a little less than ``IdentityBook/period``, so that it need not read them.
  static let period: Int64 = 21_000_000_000

  /// The processes with the same groups.
  struct Group: Sendable {
    var text: CgroupText
    /// In ascending order.
    var pids: [Int32]
  }

  struct Result: Sendable {
    var text: CgroupText
    /// The processes that are no longer there.
    var missing: Set<Int32>
  }

  /// Compares the lists; groups without a list have no result.
  ///
  /// - Parameter list: Lists a group in ascending order; `nil` if that is impossible.
  static func run(
    _ groups: [Group], list: (GroupLists.Hierarchy, String) -> [Int32]?
  ) -> [Result] {
    var lists: [Key: [Int32]?] = [:]
    return groups.compactMap { group in
      var missing: Set<Int32> = []
      var isListed = false
      for hierarchy in GroupLists.Hierarchy.allCases {
        guard let name = group.text.membership.group(in: hierarchy) else { continue }
        let key = Key(hierarchy: hierarchy, name: name)
        let known = lists[key] ?? list(hierarchy, name)
        lists[key] = .some(known)
        guard let known else { return nil }
        isListed = true
        addMissing(of: group.pids, in: known, to: &missing)
      }
      return isListed ? Result(text: group.text, missing: missing) : nil
    }
  }

  private struct Key: Hashable {
    var hierarchy: GroupLists.Hierarchy
    var name: String
  }

  private static func addMissing(
    of pids: [Int32], in list: [Int32], to missing: inout Set<Int32>
  ) {
    var place = 0
    for pid in pids {
      while place < list.count, list[place] < pid { place += 1 }
      if place == list.count || list[place] != pid { missing.insert(pid) }
    }
  }
}

extension CgroupMembership {
  fileprivate func group(in hierarchy: GroupLists.Hierarchy) -> String? {
    switch hierarchy {
    case .unified: unified
    case .systemd: systemd
    case .cpu: cpu
    }
  }
}
