import Glibc

/// A failed system call: its name, its object and the kernel's reason.
public struct SystemCallError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The name of the C function.
  public let call: String
  /// The path, address or other object of the call; may be empty.
  public let subject: String
  /// The value of `errno`.
  ///
  /// See errno(3).
  public let code: Int32

  public init(call: String, subject: String = "", code: Int32) {
    self.call = call
    self.subject = subject
    self.code = code
  }

  /// Whether another process holds the lock that was requested.
  public var isHeldByAnother: Bool { code == EWOULDBLOCK }

  /// The error that the last failed call left in `errno`.
  public static func last(_ call: String, _ subject: String = "") -> SystemCallError {
    SystemCallError(call: call, subject: subject, code: errno)
  }

  /// Whether the reader of a pipe or the peer of a socket has closed it.
  public var isClosedByReader: Bool { code == EPIPE }

  /// Whether the file or folder does not exist.
  public var isMissingFile: Bool { code == ENOENT }

  /// Whether the path, or a part of it, is not a folder.
  public var isNotFolder: Bool { code == ENOTDIR }

  /// The C library's text for the code, for example "Permission denied".
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
