import Linux

/// The hosts that we answer for: the guard against DNS rebinding.
///
/// A page of a stranger can give its own name our address and then read our answers, but it cannot make the browser send
/// another name than its own. So addresses are safe, and names must be known.
struct HostPolicy: Sendable {
  private let names: Set<String>
  private let allowsAll: Bool

  /// - Parameter allowed: More names, from the configuration; `*` allows every name.
  init(hostName: String, allowed: [String] = []) {
    names = Set((["localhost", hostName] + allowed).map { $0.lowercased() })
    allowsAll = allowed.contains("*")
  }

  /// Whether a Host header, with or without a port, names us.
  func allows(_ header: String) -> Bool {
    guard let name = Self.name(of: header) else { return false }
    if allowsAll || names.contains(name) || name.hasSuffix(".localhost") { return true }
    return NetworkAddress.isAddress(
      name.hasPrefix("[") ? String(name.dropFirst().dropLast()) : name)
  }

  /// The host without its port and without the dot that may end a full name, in lower case.
  ///
  /// - Returns: `nil` when the text is no host.
  static func name(of header: String) -> String? {
    var name = header.lowercased()[...]
    // An IPv6 address stands in brackets, since it has colons of its own.
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
