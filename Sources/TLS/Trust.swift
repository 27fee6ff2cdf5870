import CGnuTLS

/// Whose word counts for who a server is.
public enum Trust: Sendable, Equatable {
  /// The authorities that the system trusts; on Debian they come with the package ca-certificates.
  case system
  /// Those in a PEM file, and nobody else.
  case file(String)

  /// What a session needs to check a certificate, to be freed by the caller.
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
      let reason = count == 0 ? "no certificate in it" : TLSError(count).reason
      throw TLSError(reason: "\(source): \(reason)", isUntrusted: false)
    }
    return unsafe credentials
  }
}
