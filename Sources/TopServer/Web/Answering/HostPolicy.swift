import Linux

/// The host names that the server answers for, as a guard against DNS rebinding.
///
/// A malicious page can point its own name to our address and then read our answers, but its browser always sends that
/// name. So addresses are safe, and names must be known.
struct HostPolicy: Sendable {
  private let names: Set<String>
  private let allowsAll: Bool

  /// - Parameter allowed: Additional names from the configuration; `*` allows every name.
  init(hostName: String, allowed: [String] = []) {
    names = Set((["localhost", hostName] + allowed).map { $0.lowercased() })
    allowsAll = allowed.contains("*")
  }

  /// Whether a Host header, with or without a port, names this server.
  func allows(_ header: String) -> Bool {
    guard let name = Self.name(of: header) else { return false }
    if allowsAll || names.contains(name) || name.hasSuffix(".localhost") { return true }
    return NetworkAddress.isAddress(
      name.hasPrefix("[") ? String(name.dropFirst().dropLast()) : name)
  }

  /// The host in lower case, without its port and without the trailing dot of a fully qualified name.
  ///
  /// - Returns: `nil` when the text is not a host.
  static func name(of header: String) -> String? {
    var name = header.lowercased()[...]
    // An IPv6 address is in brackets, since it contains colons.
    let isBracketed = name.hasPrefix("[")
    let end =
      isBracketed ? name.firstIndex(of: "]").map(name.index(after:)) : name.firstIndex(of: ":")
    guard end != nil || !isBracketed else { return nil }
    if let end, end < name.endIndex {
      let port = name[end...].dropFirst()
      guard name[end] == ":", port.utf8.allSatisfy({ $0 &- 0x30 <= 9 }) else { return nil }
      name = name[..<end]
    }
    if name.hasSuffix(".") { name.removeLast() }
    let isName = name.utf8.allSatisfy { byte in
      "abcdefghijklmnopqrstuvwxyz0123456789-._[]:".utf8.contains(byte)
    }
    return name.isEmpty || !isName ? nil : String(name)
  }
}
