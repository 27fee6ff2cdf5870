import Glibc

/// A system call that failed: which one, on what, and the kernel's reason.
public struct SystemCallError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The name of the C function.
  public let call: String
  /// The path, address or other object it was called on; may be empty.
  public let subject: String
  /// The value of `errno`, see errno(3).
  public let code: Int32

  public init(call: String, subject: String = "", code: Int32) {
    self.call = call
    self.subject = subject
    self.code = code
  }

  /// Whether somebody else holds what was asked for.
  public var isHeldByAnother: Bool { code == EWOULDBLOCK }

  /// The error that the last failing call left in `errno`.
  public static func last(_ call: String, _ subject: String = "") -> SystemCallError {
    SystemCallError(call: call, subject: subject, code: errno)
  }

  /// Whether there is no such file or folder.
  public var isMissingFile: Bool { code == ENOENT }

  /// Whether the path, or what it leads through, was to be a folder and is none.
  public var isNotFolder: Bool { code == ENOTDIR }

  /// The kernel's words for the code, for example "Permission denied".
  ///
  /// See strerror(3).
  public var reason: String {
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
  }

  public var description: String {
    subject.isEmpty ? "\(call): \(reason)" : "\(subject): \(reason)"
  }
}
