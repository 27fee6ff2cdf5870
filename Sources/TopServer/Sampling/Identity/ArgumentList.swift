/// The arguments of a process, from the bytes of /proc/PID/cmdline.
///
/// A process can write anything there, so only the beginning counts: ``mostBytes`` and ``mostArguments``. See
/// proc_pid_cmdline(5).
struct ArgumentList: Sendable, Equatable {
  /// A reader need not read more than this.
  static let mostBytes = 16 << 10
  static let mostArguments = 1024

  let bytes: [UInt8]
  /// The places of the arguments in ``bytes``.
  let ranges: [Range<Int>]
  /// Whether something follows the last argument, which can be incomplete.
  let isCut: Bool

  /// Splits at NUL.
  ///
  /// It leaves out empty arguments at the end, since a rewritten title leaves NULs behind it.
  ///
  /// - Parameter isCut: Whether the reader left something out.
  init(_ commandLine: [UInt8], isCut: Bool = false) {
    let end = min(commandLine.count, Self.mostBytes)
    var isCut = isCut || commandLine.count > end
    var ranges: [Range<Int>] = []
    var start = 0
    while start < end {
      guard ranges.count < Self.mostArguments else {
        isCut = true
        break
      }
      let stop = commandLine[start..<end].firstIndex(of: 0) ?? end
      ranges.append(start..<stop)
      start = stop + 1
    }
    while ranges.last?.isEmpty == true { ranges.removeLast() }
    bytes = end < commandLine.count ? Array(commandLine[..<end]) : commandLine
    self.ranges = ranges
    self.isCut = isCut
  }

  /// The arguments of a test, or of a program that has them as text.
  init(_ arguments: [String]) {
    self.init(arguments.flatMap { Array($0.utf8) + [0] })
  }

  var count: Int { ranges.count }

  subscript(index: Int) -> ArraySlice<UInt8> { bytes[ranges[index]] }

  /// An argument as text, with U+FFFD for what is not valid UTF-8.
  func text(_ index: Int) -> String { String(decoding: self[index], as: UTF8.self) }
}
