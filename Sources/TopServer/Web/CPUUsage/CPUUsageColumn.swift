import Jansson
import ProcFS

/// A column of /cpu_usage, under the name that it has in the answer.
enum CPUUsageColumn: String, CaseIterable, Sendable {
  case pid
  case name
  case userAverage = "user_avg"
  case systemAverage = "sys_avg"
  case status
  case parentPID = "ppid"
  case uid
  case user
  case threads
  case residentBytes = "rss_bytes"
  case startTime = "start_time"
  case windowSeconds = "window_seconds"
  case userNow = "user_now"
  case systemNow = "sys_now"
  case kernel
  case childrenUserAverage = "children_user_avg"
  case childrenSystemAverage = "children_sys_avg"
  case childrenUserNow = "children_user_now"
  case childrenSystemNow = "children_sys_now"

  /// The five that an answer has when nobody asks for others.
  static let standard: [CPUUsageColumn] = [.pid, .name, .userAverage, .systemAverage, .status]

  /// The value of a row; shares become percent here and nowhere else.
  func value(of row: ProcessRow, _ context: Context) -> JSONValue {
    switch self {
    case .pid: .integer(Int64(row.identity.pid))
    case .name: .string(row.name)
    case .userAverage: context.percent(row.average?.user)
    case .systemAverage: context.percent(row.average?.system)
    case .status: .string(row.state.rawValue)
    case .parentPID: .integer(Int64(row.parentPID))
    case .uid: .integer(Int64(row.uid))
    case .user: JSONValue(context.users.text(of: row.uid)) { .string($0) }
    case .threads: JSONValue(row.threads) { .integer(Int64($0)) }
    case .residentBytes: JSONValue(row.residentBytes) { .integer(Int64(clamping: $0)) }
    case .startTime: .string(RFC3339.text(secondsSinceEpoch: row.startTime))
    case .windowSeconds: JSONValue(row.window) { .real($0.rounded(places: 2)) }
    case .userNow: context.percent(row.recent?.user)
    case .systemNow: context.percent(row.recent?.system)
    case .kernel: .bool(row.isKernelThread)
    case .childrenUserAverage: context.percent(row.childrenAverage?.user)
    case .childrenSystemAverage: context.percent(row.childrenAverage?.system)
    case .childrenUserNow: context.percent(row.childrenRecent?.user)
    case .childrenSystemNow: context.percent(row.childrenRecent?.system)
    }
  }

  /// Whether two rows of one process have the same text in this column.
  ///
  /// - Parameters:
  ///   - context: That of the left row,
  ///   - newContext: and that of the right one; full CPU is the same in both.
  func isSame(
    in left: ProcessRow, _ right: ProcessRow, _ context: Context, _ newContext: Context
  ) -> Bool {
    switch self {
    case .pid, .kernel: true
    case .name: left.name == right.name
    case .userAverage: context.isSame(left.average?.user, right.average?.user)
    case .systemAverage: context.isSame(left.average?.system, right.average?.system)
    case .status: left.state == right.state
    case .parentPID: left.parentPID == right.parentPID
    case .uid: left.uid == right.uid
    case .user:
      left.uid == right.uid
        && context.users.text(of: left.uid) == newContext.users.text(of: right.uid)
    case .threads: left.threads == right.threads
    case .residentBytes: left.residentBytes == right.residentBytes
    case .startTime: left.startTime == right.startTime
    case .windowSeconds: left.window?.rounded(places: 2) == right.window?.rounded(places: 2)
    case .userNow: context.isSame(left.recent?.user, right.recent?.user)
    case .systemNow: context.isSame(left.recent?.system, right.recent?.system)
    case .childrenUserAverage:
      context.isSame(left.childrenAverage?.user, right.childrenAverage?.user)
    case .childrenSystemAverage:
      context.isSame(left.childrenAverage?.system, right.childrenAverage?.system)
    case .childrenUserNow: context.isSame(left.childrenRecent?.user, right.childrenRecent?.user)
    case .childrenSystemNow:
      context.isSame(left.childrenRecent?.system, right.childrenRecent?.system)
    }
  }

  /// What a value depends on beside its row.
  struct Context: Sendable {
    var users: KnownUsers
    /// Percent that one CPU, busy all the time, amounts to: 100, or less where all CPUs together are 100.
    var fullCPU: Double

    func percent(_ share: Double?) -> JSONValue {
      JSONValue(rounded(share)) { .real($0) }
    }

    /// Whether two shares are written alike.
    func isSame(_ left: Double?, _ right: Double?) -> Bool {
      left == right || rounded(left) == rounded(right)
    }

    private func rounded(_ share: Double?) -> Double? {
      share.map { ($0 * fullCPU).rounded(places: 2) }
    }
  }
}
