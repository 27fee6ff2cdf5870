import CGnuTLS
public import Linux

/// The client's end of a TLS connection: version 1.2 or 1.3, the certificate and the name of the server checked.
///
/// It belongs to one thread at a time and never blocks it, except in ``handshake(until:)``. See gnutls_init(3).
@safe public final class TLSSession {
  private let socket: StreamSocket
  private let session: OpaquePointer
  private let host: String
  private let identity: ServerIdentity
  private var credentials: OpaquePointer?

  /// - Parameters:
  ///   - socket: Is connected, and closed by whoever opened it, after this session has gone.
  ///   - host: The name or the address, without brackets, that the certificate must be for.
  /// - Throws: ``TLSError`` when the file of authorities cannot be used.
  public init(_ socket: StreamSocket, host: String, trust: Trust) throws(TLSError) {
    self.socket = socket
    self.host = host
    identity = ServerIdentity(host)
    let credentials = try unsafe trust.makeCredentials()
    var session: OpaquePointer?
    let code = unsafe cgnutls_client(&session, socket.descriptor)
    guard code == GNUTLS_E_SUCCESS, let session = unsafe session else {
      unsafe gnutls_certificate_free_credentials(credentials)
      throw TLSError(code)
    }
    unsafe self.session = session
    unsafe self.credentials = credentials
    try check(unsafe gnutls_priority_set_direct(session, Self.priorities, nil))
    try check(unsafe cgnutls_use_certificates(session, credentials))
    // RFC 6066 section 3: addresses are not sent.
    if !NetworkAddress.isAddress(host) {
      try check(unsafe gnutls_server_name_set(session, GNUTLS_NAME_DNS, host, host.utf8.count))
    }
    unsafe identity.demand(in: session)
  }

  deinit {
    unsafe gnutls_deinit(session)
    if let credentials = unsafe credentials {
      unsafe gnutls_certificate_free_credentials(credentials)
    }
  }

  /// Agrees on keys and checks who the other side is; blocks until then.
  ///
  /// See gnutls_handshake(3).
  ///
  /// - Parameter deadline: Nanoseconds on the monotonic clock.
  public func handshake(until deadline: Int64) throws(TLSError) {
    while true {
      let code = unsafe gnutls_handshake(session)
      if code == GNUTLS_E_SUCCESS { break }
      if gnutls_error_is_fatal(code) != 0 { throw failure(code) }
      let waits = unsafe gnutls_record_get_direction(session) == 1
      guard socket.wait(for: waits ? .writing : .reading, until: deadline) else {
        throw TLSError(reason: "no answer in time", isUntrusted: false)
      }
    }
    // The authorities take megabytes, and nothing asks for them again.
    unsafe gnutls_credentials_clear(session)
    if let credentials = unsafe credentials {
      unsafe gnutls_certificate_free_credentials(credentials)
    }
    unsafe credentials = nil
  }

  /// Reads what has come, into the start of the buffer.
  ///
  /// See gnutls_record_recv(3).
  public func receive(into buffer: inout [UInt8]) -> StreamSocket.Outcome {
    let count = unsafe gnutls_record_recv(session, &buffer, buffer.count)
    if count > 0 { return .bytes(count) }
    if count == 0 || cgnutls_is_cut(count) != 0 { return .end }
    return outcome(count)
  }

  /// Sends as much as the connection takes; after ``StreamSocket/Outcome/wouldBlock`` the same bytes must come again.
  ///
  /// See gnutls_record_send(3).
  public func send(_ bytes: ArraySlice<UInt8>) -> StreamSocket.Outcome {
    let count = unsafe bytes.withUnsafeBytes {
      unsafe gnutls_record_send(session, $0.baseAddress, $0.count)
    }
    return count >= 0 ? .bytes(count) : outcome(count)
  }

  /// Whether there is something to read that the socket does not show any more, because it is decrypted already.
  ///
  /// See gnutls_record_check_pending(3).
  public var hasMore: Bool { unsafe gnutls_record_check_pending(session) > 0 }

  /// Tells the other side that nothing more will come, if that can be told at once.
  ///
  /// See gnutls_bye(3).
  public func endSending() { _ = unsafe gnutls_bye(session, GNUTLS_SHUT_WR) }

  private func outcome(_ code: Int) -> StreamSocket.Outcome {
    cgnutls_is_again(code) != 0 ? .wouldBlock : .lost(TLSError(Int32(code)).reason)
  }

  private func check(_ code: Int32) throws(TLSError) {
    guard code == GNUTLS_E_SUCCESS else { throw TLSError(code) }
  }

  /// A handshake that failed: what is wrong with the certificate, if that is why.
  private func failure(_ code: Int32) -> TLSError {
    guard cgnutls_is_untrusted(Int(code)) != 0 else { return TLSError(code) }
    var text = [CChar](repeating: 0, count: 512)
    unsafe cgnutls_verdict(session, &text, text.count)
    let bytes = text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
    var words = String(decoding: bytes, as: UTF8.self)
    if words.isEmpty { words = TLSError(code).reason }
    // GnuTLS says that it is for somebody else, and not whom it had expected.
    let status = unsafe gnutls_session_get_verify_cert_status(session)
    if status & GNUTLS_CERT_UNEXPECTED_OWNER.rawValue != 0 { words += "It is not for \(host)." }
    return TLSError(reason: words, isUntrusted: true)
  }

  /// GnuTLS's defaults without the versions that RFC 8996 has given up.
  private static let priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
}
