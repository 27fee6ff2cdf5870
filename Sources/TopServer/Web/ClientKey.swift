/// Who counts as one client where a limit holds for each: an IPv4 address, or the /64 of an IPv6 address.
///
/// A host has a whole /64 to choose its addresses from (RFC 7421), so a limit for each address would be none.
enum ClientKey {
  /// Of those that come from no address, as on a UNIX socket.
  static let local = "local"

  /// - Parameter address: As ``Request/peerAddress`` has it.
  static func of(_ address: String?) -> String {
    guard let address else { return local }
    guard address.contains(":") else { return address }
    let halves = address.split(separator: "%")[0].split(
      separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
    var groups = halves[0].split(separator: ":")
    if groups.count < 4, halves.count > 1 {
      // The double colon stands for as many zeros as make eight groups.
      let tail = halves[1].split(separator: ":")
      let zeros = max(0, 8 - groups.count - tail.count)
      groups += Array(repeating: "0", count: zeros) + tail
    }
    let numbers = groups.prefix(4).map { String(UInt16($0, radix: 16) ?? 0, radix: 16) }
    return numbers.joined(separator: ":") + "::/64"
  }
}
