/// What counts as one client where a limit is per address: an IPv4 address, the /64 of an IPv6 address, or this machine.
///
/// A customer of IPv6 has a whole /64 at least (RFC 6177), so single addresses would be no limit. An IPv4 address that
/// was mapped into IPv6 is that IPv4 address. All clients without an address, as on a UNIX socket, count as one.
public struct AddressKey: Hashable, Sendable, CustomStringConvertible {
  private enum Family: UInt8, Sendable { case local, ipv4, ipv6 }

  private let family: Family
  /// The address, or its first half, in the order in which it travels.
  private let bits: UInt64

  /// Clients without an address.
  public static let local = AddressKey(family: .local, bits: 0)

  private init(family: Family, bits: UInt64) {
    self.family = family
    self.bits = bits
  }

  /// - Parameter bytes: 4 or 16 of them, in the order in which they travel; anything else is no address.
  public init(bytes: Span<UInt8>) {
    switch bytes.count {
    case 4:
      self.init(family: .ipv4, bits: Self.number(bytes, 0..<4))
    case 16 where Self.number(bytes, 0..<8) == 0 && Self.number(bytes, 8..<12) == 0xFFFF:
      self.init(family: .ipv4, bits: Self.number(bytes, 12..<16))
    case 16:
      self.init(family: .ipv6, bits: Self.number(bytes, 0..<8))
    default:
      self = .local
    }
  }

  /// - Parameter text: An address as people write it; `nil`, and what is no address, is this machine.
  public init(_ text: String?) {
    // A zone such as %eth0 says where an address is reached, and not whose it is; see RFC 4007.
    let bytes = text.flatMap { NetworkAddress.bytes(of: String($0.prefix { $0 != "%" })) } ?? []
    self.init(bytes: bytes.span)
  }

  private static func number(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
    var number: UInt64 = 0
    for index in range { number = number << 8 | UInt64(bytes[index]) }
    return number
  }

  /// `192.0.2.7`, `2001:db8:0:1::/64` or `local`.
  public var description: String {
    let bytes = (0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * $0)) }
    switch family {
    case .local: return "local"
    case .ipv4: return bytes[4...].map { "\($0)" }.joined(separator: ".")
    case .ipv6:
      let address = bytes + [UInt8](repeating: 0, count: 8)
      return (NetworkAddress.text(of: address) ?? "?") + "/64"
    }
  }
}
