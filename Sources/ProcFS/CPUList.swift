/// A list of CPUs in the kernel's notation, for example `0-3,8`.
///
/// See cpuset(7), "List format".
public struct CPUList: Sendable, Equatable {
  public var count: Int

  /// - Returns: `nil` if the text is not a valid list.
  public init?(_ text: String) {
    var count = 0
    for range in text.filter({ !$0.isWhitespace }).split(separator: ",") {
      let bounds = range.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard bounds.count <= 2, let first = bounds[0], let last = bounds[bounds.count - 1],
        first >= 0, first <= last
      else { return nil }
      count += last - first + 1
    }
    guard count > 0 else { return nil }
    self.count = count
  }

  /// The CPUs that a process may run on, from its status file.
  ///
  /// See proc_pid_status(5), `Cpus_allowed_list`.
  public init?(status text: String) {
    let name = "Cpus_allowed_list:"
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else {
      return nil
    }
    self.init(String(line.dropFirst(name.count)))
  }
}
