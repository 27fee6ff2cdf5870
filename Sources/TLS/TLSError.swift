import CGnuTLS

/// Why there is no secure connection.
public struct TLSError: Error, Sendable, Equatable, CustomStringConvertible {
  /// GnuTLS's words.
  public let reason: String
  /// Whether it is because of who the other side is, or says it is.
  public let isUntrusted: Bool

  init(reason: String, isUntrusted: Bool) {
    self.reason = reason
    self.isUntrusted = isUntrusted
  }

  /// See gnutls_strerror(3).
  init(_ code: Int32) {
    let words = unsafe gnutls_strerror(code).map { unsafe String(cString: $0) }
    self.init(reason: words ?? "error \(code)", isUntrusted: false)
  }

  public var description: String { reason }
}
