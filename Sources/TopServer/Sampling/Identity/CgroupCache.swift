import ProcFS

/// The groups of a process, parsed.
///
/// Processes with the same text share one object.
final class CgroupText: Sendable {
  let identity: CgroupIdentity
  /// The group in each hierarchy that ``GroupCheck`` compares; empty for a text that is too long to be kept.
  let membership: CgroupMembership

  init(_ text: [UInt8]) {
    identity = CgroupIdentity(text)
    membership = CgroupMembership(
      text.count <= CgroupCache.longestText ? String(decoding: text, as: UTF8.self) : "")
  }
}

/// Parses each text of /proc/PID/cgroup once.
struct CgroupCache: Sendable {
  /// A longer text is parsed each time.
  static let longestText = 4096
  /// The maximum number of bytes of all texts; beyond that, all are forgotten.
  static let mostBytes = 1 << 20
  static let mostTexts = 4096

  private var texts: [[UInt8]: CgroupText] = [:]
  private(set) var bytes = 0

  var count: Int { texts.count }

  mutating func text(_ text: [UInt8]) -> CgroupText {
    if let known = texts[text] { return known }
    let parsed = CgroupText(text)
    guard text.count <= Self.longestText else { return parsed }
    if bytes + text.count > Self.mostBytes || texts.count >= Self.mostTexts {
      texts = [:]
      bytes = 0
    }
    texts[text] = parsed
    bytes += text.count
    return parsed
  }
}
