/// How many tasks ran, or waited to run or for a disk, on average over the last minutes; from /proc/loadavg.
///
/// See proc_loadavg(5). It is no measure of the CPU alone, and it is not divided by the number of CPUs.
public struct LoadAverage: Sendable, Equatable {
  /// Tasks over the last minute.
  public var one: Double
  /// Tasks over the last five minutes.
  public var five: Double
  /// Tasks over the last fifteen minutes.
  public var fifteen: Double

  public init(one: Double, five: Double, fifteen: Double) {
    self.one = one
    self.five = five
    self.fifteen = fifteen
  }

  /// - Throws: ``ProcError/malformed(file:field:)`` with the first of the three that is missing or no number.
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
