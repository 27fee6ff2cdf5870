import CMicroHTTPD

/// An upgrade to another protocol: a 101 response, after which the connection leaves HTTP.
///
/// See RFC 9110 section 7.8.
public struct Upgrade: Sendable {
  let headers: [Response.Header]
  let takeOver: @Sendable (UpgradedConnection) -> Void

  /// - Parameters:
  ///   - name: The protocol, for example `websocket`.
  ///   - headers: Additional headers of the 101, besides `Upgrade` and `Connection`.
  ///   - takeOver: Receives the connection after the 101 is sent. It runs on a thread of libmicrohttpd and must not
  ///     block.
  public init(
    protocol name: String, headers: [Response.Header] = [],
    takeOver: @escaping @Sendable (UpgradedConnection) -> Void
  ) {
    self.headers = [.init("Upgrade", name)] + headers
    self.takeOver = takeOver
  }

  /// Creates the 101 response.
  ///
  /// See MHD_create_response_for_upgrade().
  func makeResponse(for service: Service) -> OpaquePointer {
    // Unretained: the daemon owns the service while there are connections.
    let context = unsafe Unmanaged.passUnretained(service).toOpaque()
    guard let response = unsafe MHD_create_response_for_upgrade(connectionUpgraded, context) else {
      preconditionFailure("libmicrohttpd had no memory for a response")
    }
    unsafe headers.harmless.add(to: response)
    return unsafe response
  }
}
