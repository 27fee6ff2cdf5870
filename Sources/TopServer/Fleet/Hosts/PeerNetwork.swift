/// What an address counts for where a limit holds for each client: itself with IPv4, its /64 network with IPv6.
///
/// One customer of a provider has 2^64 IPv6 addresses at least, so a limit for each of them would be none.
/// See RFC 6177 and RFC 4291 section 2.5.4.
enum PeerNetwork {
  /// - Parameter address: As inet_ntop(3) writes it; a text that is no address counts for itself.
  static func name(of address: String) -> String {
    let plain = address.prefix { $0 != "%" }
    guard plain.contains(":") else { return String(plain) }
    // An IPv4 address in the form of an IPv6 one. See RFC 4291 section 2.5.5.2.
    if plain.contains("."), let last = plain.split(separator: ":").last { return String(last) }
    var groups = plain.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    if let gap = plain.firstRange(of: "::") {
      let before = plain[..<gap.lowerBound].split(separator: ":").map(String.init)
      let after = plain[gap.upperBound...].split(separator: ":").map(String.init)
      groups = before + Array(repeating: "0", count: max(0, 8 - before.count - after.count)) + after
    }
    let network = groups.prefix(4).map { group in
      let digits = group.lowercased().drop { $0 == "0" }
      return digits.isEmpty ? "0" : String(digits)
    }
    return network.joined(separator: ":") + "::/64"
  }
}
