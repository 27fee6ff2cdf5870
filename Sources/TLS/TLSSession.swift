import CGnuTLS
public import Linux

/// The client side of a TLS 1.2 or 1.3 connection.
///
/// It verifies the server's certificate and name.
///
/// Only one thread at a time may use it. Only ``handshake(until:)`` blocks. See gnutls_init(3).
@safe public final class TLSSession {
  private let socket: StreamSocket
  private let session: OpaquePointer
  private let host: String
  private let identity: ServerIdentity
  private var credentials: OpaquePointer?

  /// - Parameters:
  ///   - socket: A connected socket. Its owner must close it after the session is deallocated.
  ///   - host: The name or address, without brackets, that the certificate must be valid for.
  /// - Throws: ``TLSError`` if the certificate authorities cannot be loaded.
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
    // RFC 6066 section 3 does not allow addresses as server names.
    if !NetworkAddress.isAddress(host) {
      try check(unsafe gnutls_server_name_set(session, GNUTLS_NAME_DNS, host, host.utf8.count))
    }
    unsafe identity.require(in: session)
  }

  deinit {
    unsafe gnutls_deinit(session)
    if let credentials = unsafe credentials {
      unsafe gnutls_certificate_free_credentials(credentials)
    }
  }

  /// Performs the handshake and verifies the server.
  ///
  /// Blocks until it is complete or the deadline has passed.
  ///
  /// See gnutls_handshake(3).
  ///
  /// - Parameter deadline: Nanoseconds on `CLOCK_MONOTONIC`.
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
    // The certificate authorities take megabytes and are not needed after the handshake.
    unsafe gnutls_credentials_clear(session)
    if let credentials = unsafe credentials {
      unsafe gnutls_certificate_free_credentials(credentials)
    }
    unsafe credentials = nil
  }

  /// Reads decrypted bytes into the start of the buffer.
  ///
  /// See gnutls_record_recv(3).
  public func receive(into buffer: inout [UInt8]) -> StreamSocket.Outcome {
    let count = unsafe gnutls_record_recv(session, &buffer, buffer.count)
    if count > 0 { return .bytes(count) }
    if count == 0 || cgnutls_is_cut(count) != 0 { return .end }
    return outcome(count)
  }

  /// Sends as many bytes as the connection accepts.
  ///
  /// After ``StreamSocket/Outcome/wouldBlock`` the caller must send the same bytes again. See gnutls_record_send(3).
  public func send(_ bytes: ArraySlice<UInt8>) -> StreamSocket.Outcome {
    let count = unsafe bytes.withUnsafeBytes {
      unsafe gnutls_record_send(session, $0.baseAddress, $0.count)
    }
    return count >= 0 ? .bytes(count) : outcome(count)
  }

  /// Whether decrypted bytes are buffered, which the socket does not show as readable.
  ///
  /// See gnutls_record_check_pending(3).
  public var hasMore: Bool { unsafe gnutls_record_check_pending(session) > 0 }

  /// Sends a close_notify alert if that does not block.
  ///
  /// See gnutls_bye(3).
  public func endSending() { _ = unsafe gnutls_bye(session, GNUTLS_SHUT_WR) }

  private func outcome(_ code: Int) -> StreamSocket.Outcome {
    cgnutls_is_again(code) != 0 ? .wouldBlock : .lost(TLSError(Int32(code)).reason)
  }

  private func check(_ code: Int32) throws(TLSError) {
    guard code == GNUTLS_E_SUCCESS else { throw TLSError(code) }
  }

  /// The reason of a failed handshake, with details if it is the certificate.
  private func failure(_ code: Int32) -> TLSError {
    guard cgnutls_is_untrusted(Int(code)) != 0 else { return TLSError(code) }
    var text = [CChar](repeating: 0, count: 512)
    unsafe cgnutls_verdict(session, &text, text.count)
    let bytes = text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
    var words = String(decoding: bytes, as: UTF8.self)
    if words.isEmpty { words = TLSError(code).reason }
    // GnuTLS reports that the certificate is for another host, but not which host it expected.
    let status = unsafe gnutls_session_get_verify_cert_status(session)
    if status & GNUTLS_CERT_UNEXPECTED_OWNER.rawValue != 0 { words += "It is not for \(host)." }
    return TLSError(reason: words, isUntrusted: true)
  }

  /// GnuTLS's default priorities without the TLS versions that RFC 8996 deprecates.
  private static let priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
}
