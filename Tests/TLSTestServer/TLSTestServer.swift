import CGnuTLS
import Glibc
import Linux
import TestSupport

/// A TLS server on a free loopback port, for tests of clients.
public final class TLSTestServer: Sendable {
  /// The certificates in Tests/Fixtures/tls.
  public enum Certificate: String, Sendable {
    /// For localhost, 127.0.0.1 and ::1; signed by the authority in ca.pem.
    case localhost
    /// For other.example; signed by the same authority.
    case other
    /// For localhost; signed by the same authority, but expired in 2001.
    case expired
    /// For localhost; self-signed.
    case selfSigned = "self-signed"
  }

  public let port: UInt16
  private let listener: Int32

  /// Serves each connection on its own thread.
  ///
  /// - Parameters:
  ///   - address: The loopback address to listen on.
  ///   - priorities: The accepted TLS versions and ciphers; see gnutls_priority_init(3).
  ///   - serve: Called with each connection after a successful handshake.
  public init(
    _ certificate: Certificate = .localhost, address: String = "127.0.0.1",
    priorities: String = "NORMAL", serve: @escaping @Sendable (TLSTestConnection) -> Void
  ) throws {
    let listener = try ListeningSocket(host: address, port: 0)
    self.listener = listener.descriptor
    port = listener.port
    try DetachedThread.start(named: "tls server") {
      var file = pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0)
      while unsafe poll(&file, 1, -1) > 0 {
        let descriptor = accept(listener.descriptor, nil, nil)
        guard descriptor >= 0 else { break }
        // Programs that other tests start must not inherit it.
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        try? DetachedThread.start(named: "tls connection") {
          if let connection = TLSTestConnection(descriptor, certificate, priorities) {
            serve(connection)
          }
        }
      }
      close(listener.descriptor)
    }
  }

  /// Ends the thread, which closes the socket.
  deinit { shutdown(listener, Int32(SHUT_RDWR)) }

  /// The certificate file of the authority that signed the certificates.
  public static var authority: String { Fixtures.path("tls/ca.pem") }
  /// The certificate file of an unrelated authority.
  public static var otherAuthority: String { Fixtures.path("tls/self-signed.pem") }
}

/// The server side of a connection.
///
/// It blocks.
@safe public final class TLSTestConnection {
  private let descriptor: Int32
  private let session: OpaquePointer
  private let credentials: OpaquePointer

  /// Performs the handshake; `nil` if that fails.
  fileprivate init?(
    _ descriptor: Int32, _ certificate: TLSTestServer.Certificate, _ priorities: String
  ) {
    self.descriptor = descriptor
    var session: OpaquePointer?
    var credentials: OpaquePointer?
    guard unsafe gnutls_certificate_allocate_credentials(&credentials) == 0,
      let credentials = unsafe credentials,
      unsafe gnutls_certificate_set_x509_key_file(
        credentials, Fixtures.path("tls/\(certificate.rawValue).pem"),
        Fixtures.path("tls/\(certificate.rawValue).key"), GNUTLS_X509_FMT_PEM) >= 0,
      // `GNUTLS_SERVER | GNUTLS_NO_SIGNAL`, which Swift finds ambiguous.
      unsafe gnutls_init(&session, 0x41) == 0, let session = unsafe session,
      unsafe gnutls_priority_set_direct(session, priorities, nil) == 0,
      unsafe cgnutls_use_certificates(session, credentials) == 0
    else { return nil }
    unsafe gnutls_transport_set_int2(session, descriptor, descriptor)
    unsafe self.session = session
    unsafe self.credentials = credentials
    var code: Int32
    repeat {
      code = unsafe gnutls_handshake(session)
    } while code < 0
      && gnutls_error_is_fatal(code) == 0
    if code < 0 { return nil }
  }

  deinit {
    unsafe gnutls_deinit(session)
    unsafe gnutls_certificate_free_credentials(credentials)
    close(descriptor)
  }

  /// The server name that the client requested; `nil` if it sent none.
  ///
  /// See gnutls_server_name_get(3).
  public var serverName: String? {
    var name = [UInt8](repeating: 0, count: 256)
    var count = name.count
    var kind: UInt32 = 0
    guard unsafe gnutls_server_name_get(session, &name, &count, &kind, 0) == 0 else { return nil }
    return String(decoding: name.prefix(count), as: UTF8.self)
  }

  /// Reads once; `nil` at the end of the stream.
  public func read() -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 16_384)
    let count = unsafe gnutls_record_recv(session, &buffer, buffer.count)
    return count > 0 ? Array(buffer.prefix(count)) : nil
  }

  public func write(_ bytes: [UInt8]) {
    // Write one record at a time.
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe gnutls_record_send(session, $0.baseAddress, $0.count)
      }
      guard count > 0 else { return }
      rest.removeFirst(count)
    }
  }

  /// Sends a close_notify alert.
  public func endSending() { _ = unsafe gnutls_bye(session, GNUTLS_SHUT_WR) }
}
