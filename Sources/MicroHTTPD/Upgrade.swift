import CMicroHTTPD

/// A change of protocol: a 101, and after it a connection that HTTP no longer uses.
///
/// See RFC 9110 section 7.8.
public struct Upgrade: Sendable {
  let headers: [Response.Header]
  let takeOver: @Sendable (UpgradedConnection) -> Void

  /// - Parameters:
  ///   - name: The protocol, for example `websocket`.
  ///   - headers: Go out with the 101, beside `Upgrade` and `Connection`.
  ///   - takeOver: Gets the connection once the 101 is sent. Runs on a thread of libmicrohttpd's and must not wait.
  public init(
    protocol name: String, headers: [Response.Header] = [],
    takeOver: @escaping @Sendable (UpgradedConnection) -> Void
  ) {
    self.headers = [.init("Upgrade", name)] + headers
    self.takeOver = takeOver
  }

  /// See MHD_create_response_for_upgrade().
  func makeResponse(for service: Service) -> OpaquePointer {
    // Unretained: the daemon keeps the service for as long as there are connections.
    let context = unsafe Unmanaged.passUnretained(service).toOpaque()
    guard let response = unsafe MHD_create_response_for_upgrade(connectionUpgraded, context) else {
      preconditionFailure("libmicrohttpd had no memory for a response")
    }
    unsafe headers.harmless.add(to: response)
    return unsafe response
  }
}
