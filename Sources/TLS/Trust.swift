import CGnuTLS

/// The certificate authorities that a client trusts.
public enum Trust: Sendable, Equatable {
  /// The authorities that the system trusts. On Debian, the package ca-certificates provides them.
  case system
  /// Only the authorities in a PEM file.
  case file(String)

  /// Creates the credentials for verifying certificates.
  ///
  /// The caller must free them.
  ///
  /// See gnutls_certificate_set_x509_trust_file(3).
  func makeCredentials() throws(TLSError) -> OpaquePointer {
    var made: OpaquePointer?
    let code = unsafe gnutls_certificate_allocate_credentials(&made)
    guard code == GNUTLS_E_SUCCESS, let credentials = unsafe made else { throw TLSError(code) }
    let count: Int32
    let source: String
    switch self {
    case .system:
      count = unsafe gnutls_certificate_set_x509_system_trust(credentials)
      source = "the system's certificate authorities"
    case .file(let path):
      count = unsafe gnutls_certificate_set_x509_trust_file(credentials, path, GNUTLS_X509_FMT_PEM)
      source = path
    }
    guard count > 0 else {
      unsafe gnutls_certificate_free_credentials(credentials)
      let reason = count == 0 ? "it contains no certificate" : TLSError(count).reason
      throw TLSError(reason: "\(source): \(reason)", isUntrusted: false)
    }
    return unsafe credentials
  }
}
