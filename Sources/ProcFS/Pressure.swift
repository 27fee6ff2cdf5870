/// How long tasks waited for a resource (PSI), from /proc/pressure/cpu, memory or io.
///
/// See the kernel's accounting/psi.
public struct Pressure: Sendable, Equatable {
  /// The values of one line.
  public struct Line: Sendable, Equatable {
    /// The percentage of time over the last ten seconds, as a running average.
    public var average10: Double
    /// The percentage over the last minute.
    public var average60: Double
    /// The percentage over the last five minutes.
    public var average300: Double
    /// The total stall time since boot, in microseconds.
    public var total: UInt64
  }

  /// Time in which at least one task waited.
  public var some: Line
  /// Time in which all tasks waited.
  ///
  /// Kernels before 5.13 have no such line for the CPU.
  public var full: Line?

  /// - Throws: ``ProcError/malformed(file:field:)`` if the line `some` is missing or a line is invalid.
  public init(parsing bytes: Span<UInt8>, file: String) throws(ProcError) {
    var some: Line?
    var full: Line?
    var lines = Lines()
    while let line = lines.next(bytes) {
      var fields = Fields(line)
      guard let name = fields.word(bytes) else { continue }
      if bytes.begins("some ", at: name.lowerBound) {
        some = try Line(&fields, bytes, file)
      } else if bytes.begins("full ", at: name.lowerBound) {
        full = try Line(&fields, bytes, file)
      }
    }
    guard let some else { throw .malformed(file: file, field: "some") }
    (self.some, self.full) = (some, full)
  }
}

extension Pressure.Line {
  /// Parses the fields `avg10=0.00 avg60=0.00 avg300=0.00 total=0`.
  fileprivate init(_ fields: inout Fields, _ bytes: Span<UInt8>, _ file: String)
    throws(ProcError)
  {
    func require<Value>(_ value: Value?, _ field: String) throws(ProcError) -> Value {
      guard let value else { throw .malformed(file: file, field: field) }
      return value
    }
    var average10 = Self.value("avg10=", &fields, bytes)
    var average60 = Self.value("avg60=", &fields, bytes)
    var average300 = Self.value("avg300=", &fields, bytes)
    var total = Self.value("total=", &fields, bytes)
    self.init(
      average10: try require(average10?.decimal(bytes), "avg10"),
      average60: try require(average60?.decimal(bytes), "avg60"),
      average300: try require(average300?.decimal(bytes), "avg300"),
      total: try require(total?.counter(bytes), "total"))
  }

  /// The text after the name in the next word.
  private static func value(_ name: String, _ fields: inout Fields, _ bytes: Span<UInt8>) -> Fields?
  {
    guard let word = fields.word(bytes), bytes.begins(name, at: word.lowerBound) else { return nil }
    return Fields(word.lowerBound + name.utf8.count..<word.upperBound)
  }
}
