/// The uptime of the machine, from /proc/uptime.
///
/// See proc_uptime(5).
public struct Uptime: Sendable, Equatable {
  /// Seconds since boot, including suspension.
  public var seconds: Double

  /// - Throws: ``ProcError/malformed(file:field:)`` if the first word is not a number.
  public init(parsing bytes: Span<UInt8>, file: String) throws(ProcError) {
    var fields = Fields(0..<bytes.count)
    guard let seconds = fields.decimal(bytes) else { throw .malformed(file: file, field: "uptime") }
    self.seconds = seconds
  }
}
