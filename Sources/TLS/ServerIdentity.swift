import CGnuTLS
import Linux

/// The host that a certificate must be valid for, in memory with a stable address.
///
/// GnuTLS does not copy it and reads it during the handshake, so it must outlive the session. See
/// gnutls_session_set_verify_cert2(3).
@safe final class ServerIdentity {
  private let bytes: UnsafeMutableBufferPointer<UInt8>
  private let wanted: UnsafeMutablePointer<gnutls_typed_vdata_st>

  /// - Parameter host: An address is compared only with the addresses of the certificate, any other text only with its
  ///   names. GnuTLS 3.7.9 cannot match an IPv6 address given as text; given as bytes, it can.
  init(_ host: String) {
    let address = NetworkAddress.bytes(of: host)
    // A name must end with a NUL.
    let content = address ?? Array(host.utf8) + [0]
    let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: content.count)
    _ = unsafe bytes.initialize(from: content)
    let wanted = UnsafeMutablePointer<gnutls_typed_vdata_st>.allocate(capacity: 1)
    unsafe wanted.initialize(
      to: gnutls_typed_vdata_st(
        type: address == nil ? GNUTLS_DT_DNS_HOSTNAME : GNUTLS_DT_IP_ADDRESS,
        data: bytes.baseAddress, size: UInt32(address?.count ?? 0)))
    unsafe self.bytes = bytes
    unsafe self.wanted = wanted
  }

  deinit {
    unsafe wanted.deallocate()
    unsafe bytes.deallocate()
  }

  /// Makes the handshake fail unless the certificate is valid for this host.
  func require(in session: OpaquePointer) {
    unsafe gnutls_session_set_verify_cert2(session, wanted, 1, 0)
  }
}
