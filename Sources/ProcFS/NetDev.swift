/// What the network interfaces of one network namespace carried, from /proc/PID/net/dev.
///
/// See proc_pid_net(5).
public struct NetDev: Sendable, Equatable {
  /// What went in one direction since the interface came up.
  public struct Traffic: Sendable, Equatable {
    public var bytes: UInt64
    public var packets: UInt64
    public var errors: UInt64
    /// Packets that were thrown away.
    public var drops: UInt64
  }

  /// One interface.
  public struct Interface: Sendable, Equatable {
    /// Bytes that are no UTF-8 became U+FFFD.
    public var name: String
    public var received: Traffic
    public var transmitted: Traffic
  }

  /// In the kernel's order.
  public var interfaces: [Interface]

  /// A line that makes no sense is left out: it may not hide the other interfaces.
  ///
  /// - Throws: ``ProcError/malformed(file:field:)`` when there are lines of interfaces and none makes sense.
  public init(parsing bytes: Span<UInt8>, file: String) throws(ProcError) {
    interfaces = []
    var isHeadingOnly = true
    var lines = Lines()
    while let line = lines.next(bytes) {
      // The heading has none. Old kernels put no space after it, and the name of an alias has one too.
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
  /// The words `bytes packets errs drop`.
  fileprivate init?(_ fields: inout Fields, _ bytes: Span<UInt8>) {
    guard let amount = fields.counter(bytes), let packets = fields.counter(bytes),
      let errors = fields.counter(bytes), let drops = fields.counter(bytes)
    else { return nil }
    self.init(bytes: amount, packets: packets, errors: errors, drops: drops)
  }
}
