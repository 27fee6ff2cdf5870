/// The traffic of all interfaces of a network namespace, from /proc/PID/net/dev.
///
/// See proc_pid_net(5).
public struct NetDev: Sendable, Equatable {
  /// The traffic in one direction since the interface came up.
  public struct Traffic: Sendable, Equatable {
    public var bytes: UInt64
    public var packets: UInt64
    public var errors: UInt64
    /// Dropped packets.
    public var drops: UInt64
  }

  /// One interface.
  public struct Interface: Sendable, Equatable {
    /// The name, with invalid UTF-8 replaced by U+FFFD.
    public var name: String
    public var received: Traffic
    public var transmitted: Traffic
  }

  /// The interfaces in the kernel's order.
  public var interfaces: [Interface]

  /// Skips invalid lines, so that one bad line does not hide the other interfaces.
  ///
  /// - Throws: ``ProcError/malformed(file:field:)`` if there are interface lines and none is valid.
  public init(parsing bytes: Span<UInt8>, file: String) throws(ProcError) {
    interfaces = []
    var isHeadingOnly = true
    var lines = Lines()
    while let line = lines.next(bytes) {
      // The heading has no colon. Old kernels print no space after the colon, and the name of an alias contains a colon
      // too.
      guard let colon = line.last(where: { bytes[$0] == UInt8(ascii: ":") }) else { continue }
      isHeadingOnly = false
      var head = Fields(line.lowerBound..<colon)
      var fields = Fields(colon + 1..<line.upperBound)
      guard let name = head.word(bytes), let received = Traffic(&fields, bytes) else { continue }
      fields.skip(4, bytes)  // fifo, frame, compressed, multicast
      guard let transmitted = Traffic(&fields, bytes) else { continue }
      interfaces.append(
        Interface(
          name: String(repairing: bytes, name), received: received, transmitted: transmitted))
    }
    guard !interfaces.isEmpty || isHeadingOnly else {
      throw .malformed(file: file, field: "interface")
    }
  }
}

extension NetDev.Traffic {
  /// Parses the fields `bytes packets errs drop`.
  fileprivate init?(_ fields: inout Fields, _ bytes: Span<UInt8>) {
    // A driver may decrement a counter below zero, so that it reads as nearly 2^64: such a leap has no rate.
    guard let amount = fields.unsigned(bytes), let packets = fields.unsigned(bytes),
      let errors = fields.unsigned(bytes), let drops = fields.unsigned(bytes)
    else { return nil }
    self.init(bytes: amount, packets: packets, errors: errors, drops: drops)
  }
}
