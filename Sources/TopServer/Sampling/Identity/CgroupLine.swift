/// A line of /proc/PID/cgroup: a hierarchy and the process's group in it.
struct CgroupLine {
  var path: ArraySlice<UInt8>
  /// The lowest is believed first: version 2, then systemd's own hierarchy, `cpu`, and the others in their order.
  private var order: Int

  /// The lines, those first that are believed first.
  ///
  /// - Parameter isCut: Whether the last line can be incomplete, and is left out.
  static func all(in text: ArraySlice<UInt8>, isCut: Bool) -> [CgroupLine] {
    var lines = text.split(separator: UInt8(ascii: "\n"))
    if isCut { _ = lines.popLast() }
    // Swift's sort is stable.
    return lines.compactMap { CgroupLine($0) }.sorted { $0.order < $1.order }
  }

  /// Splits at the first two colons only, since a path can have more.
  private init?(_ line: ArraySlice<UInt8>) {
    let parts = line.split(
      separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[2].first == UInt8(ascii: "/") else { return nil }
    path = parts[2]
    if parts[0].elementsEqual("0".utf8), parts[1].isEmpty {
      order = 0
    } else if parts[1].elementsEqual("name=systemd".utf8) {
      order = 1
    } else if parts[1].split(separator: UInt8(ascii: ",")).contains(where: {
      $0.elementsEqual("cpu".utf8)
    }) {
      order = 2
    } else {
      order = 3
    }
  }
}
