import CGnuTLS
import Linux

/// Who a certificate must be for, in memory that stays where it is.
///
/// GnuTLS copies nothing of it and reads it during the handshake, so it has to outlive the session. See
/// gnutls_session_set_verify_cert2(3).
@safe final class ServerIdentity {
  private let bytes: UnsafeMutableBufferPointer<UInt8>
  private let wanted: UnsafeMutablePointer<gnutls_typed_vdata_st>

  /// - Parameter host: An address is compared with the addresses of the certificate only, any other text with its
  ///   names. As a text GnuTLS 3.7.9 finds an IPv6 address in no certificate; as bytes it does.
  init(_ host: String) {
    let address = NetworkAddress.bytes(of: host)
    // A name ends with a NUL.
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

  /// Makes the handshake of a session fail unless the certificate is for this host.
  func demand(in session: OpaquePointer) {
    unsafe gnutls_session_set_verify_cert2(session, wanted, 1, 0)
  }
}
