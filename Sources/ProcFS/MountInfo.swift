/// How a /proc tree is mounted, from /proc/self/mountinfo.
///
/// See proc_pid_mountinfo(5) and, for `hidepid`, proc(5).
public struct MountInfo: Sendable, Equatable {
  /// The value of `hidepid`: 0 or `nil` shows all processes; `invisible` or 2 hides those of other users.
  public var hidepid: String?

  /// Finds the mount of type `proc` on a folder.
  ///
  /// The last one covers earlier ones.
  ///
  /// - Returns: `nil` if no proc file system is mounted there.
  public init?(_ text: String, mountedOn folder: String) {
    var found: MountInfo?
    // The caller's path may end with slashes.
    var wanted = Array(folder.utf8)
    while wanted.count > 1, wanted.last == UInt8(ascii: "/") { wanted.removeLast() }
    for line in text.split(separator: "\n") {
      // 24 22 0:22 / /proc rw,nosuid shared:13 - proc proc rw,hidepid=invisible
      let halves = line.split(separator: " - ", maxSplits: 1).map { $0.split(separator: " ") }
      guard halves.count == 2, halves[0].count > 4, halves[1].first == "proc",
        Self.decoded(halves[0][4]) == wanted
      else { continue }
      let options = halves[1].dropFirst(2).flatMap { $0.split(separator: ",") }
      let hidepid = options.first { $0.hasPrefix("hidepid=") }
      found = MountInfo(hidepid: hidepid.map { String($0.dropFirst("hidepid=".count)) })
    }
    guard let found else { return nil }
    self = found
  }

  init(hidepid: String?) { self.hidepid = hidepid }

  private static func decoded(_ path: Substring) -> [UInt8] {
    let bytes = Array(path.utf8)
    return EscapedPath.decode(bytes.span, bytes.indices)
  }

  /// Whether the tree hides processes of other users.
  public var hidesOthers: Bool {
    guard let hidepid else { return false }
    return hidepid != "0" && hidepid != "off"
  }
}
