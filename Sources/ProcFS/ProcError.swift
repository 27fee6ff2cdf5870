public import Linux

/// A failure to read or parse a file of /proc.
///
/// A process that has exited is not an error; it is simply absent.
public enum ProcError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The text of the file does not match proc(5). `field` is the first invalid field.
  case malformed(file: String, field: String)
  /// The kernel failed to open or read the file.
  case unreadable(SystemCallError)

  public var description: String {
    switch self {
    case .malformed(let file, let field): "\(file): no valid \(field)"
    case .unreadable(let error): "\(error)"
    }
  }

  /// The same error with the full path of the file.
  ///
  /// The path is built only here, since most files are read without an error.
  func below(_ root: String) -> ProcError {
    switch self {
    case .malformed(let file, let field): .malformed(file: "\(root)/\(file)", field: field)
    case .unreadable(let error):
      .unreadable(
        SystemCallError(call: error.call, subject: "\(root)/\(error.subject)", code: error.code))
    }
  }
}
