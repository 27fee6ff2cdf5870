import CGnuTLS

/// The reason why a secure connection failed.
public struct TLSError: Error, Sendable, Equatable, CustomStringConvertible {
  /// GnuTLS's description.
  public let reason: String
  /// Whether the server's certificate is the reason.
  public let isUntrusted: Bool

  init(reason: String, isUntrusted: Bool) {
    self.reason = reason
    self.isUntrusted = isUntrusted
  }

  /// Takes the description of a GnuTLS error code.
  ///
  /// See gnutls_strerror(3).
  init(_ code: Int32) {
    let words = unsafe gnutls_strerror(code).map { unsafe String(cString: $0) }
    self.init(reason: words ?? "error \(code)", isUntrusted: false)
  }

  public var description: String { reason }
}
