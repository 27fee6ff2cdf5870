/// The reason why the program exits, in one line for the person who started it.
struct Failure: Error, Equatable, CustomStringConvertible {
  let description: String
  /// The exit status: 1, or 64 for a wrong use of the command line (`EX_USAGE` of sysexits.h).
  let status: Int32

  init(_ description: String, status: Int32 = 1) {
    self.description = description
    self.status = status
  }

  static func usage(_ description: String) -> Failure { Failure(description, status: 64) }
}
