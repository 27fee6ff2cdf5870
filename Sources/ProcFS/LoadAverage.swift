/// The average number of tasks that were running, ready to run or waiting for a disk, from /proc/loadavg.
///
/// It does not measure the CPU alone and is not divided by the number of CPUs. See proc_loadavg(5).
public struct LoadAverage: Sendable, Equatable {
  /// The average over one minute.
  public var one: Double
  /// The average over five minutes.
  public var five: Double
  /// The average over fifteen minutes.
  public var fifteen: Double

  public init(one: Double, five: Double, fifteen: Double) {
    self.one = one
    self.five = five
    self.fifteen = fifteen
  }

  /// - Throws: ``ProcError/malformed(file:field:)`` with the first missing or invalid number.
  public init(parsing bytes: Span<UInt8>, file: String) throws(ProcError) {
    var fields = Fields(0..<bytes.count)
    guard let one = fields.decimal(bytes) else { throw .malformed(file: file, field: "load 1") }
    guard let five = fields.decimal(bytes) else { throw .malformed(file: file, field: "load 5") }
    guard let fifteen = fields.decimal(bytes) else {
      throw .malformed(file: file, field: "load 15")
    }
    self.init(one: one, five: five, fifteen: fifteen)
  }
}
