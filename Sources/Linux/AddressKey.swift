/// Identifies a client for per-address limits: an IPv4 address, the /64 of an IPv6 address, or this machine.
///
/// An IPv6 customer has at least a whole /64 (RFC 6177), so a limit per IPv6 address would limit nothing. An
/// IPv4-mapped IPv6 address counts as its IPv4 address. All clients without an address, for example on a UNIX socket,
/// share one key.
public struct AddressKey: Hashable, Sendable, CustomStringConvertible {
  private enum Family: UInt8, Sendable { case local, ipv4, ipv6 }

  private let family: Family
  /// The IPv4 address or the first half of the IPv6 address, in network byte order.
  private let bits: UInt64

  /// The key of clients without an address.
  public static let local = AddressKey(family: .local, bits: 0)

  private init(family: Family, bits: UInt64) {
    self.family = family
    self.bits = bits
  }

  /// - Parameter bytes: 4 or 16 bytes in network byte order. Any other count gives ``local``.
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

  /// - Parameter text: An address in text form. `nil` and invalid addresses give ``local``.
  public init(_ text: String?) {
    // A zone such as %eth0 names an interface, not a different client; see RFC 4007.
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
