public import Linux

/// What can be wrong with a file of /proc.
///
/// That a process went away is not an error: it is absent.
public enum ProcError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file is there and its text is not what proc(5) promises; `field` is the first one that is bad.
  case malformed(file: String, field: String)
  /// The kernel refused to open or read the file.
  case unreadable(SystemCallError)

  public var description: String {
    switch self {
    case .malformed(let file, let field): "\(file): no valid \(field)"
    case .unreadable(let error): "\(error)"
    }
  }

  /// The same with the whole path of the file.
  ///
  /// It is put together only here, since most files are fine.
  func below(_ root: String) -> ProcError {
    switch self {
    case .malformed(let file, let field): .malformed(file: "\(root)/\(file)", field: field)
    case .unreadable(let error):
      .unreadable(
        SystemCallError(call: error.call, subject: "\(root)/\(error.subject)", code: error.code))
    }
  }
}
