import CMicroHTTPD

/// One request, as a handler sees it.
///
/// Valid only while the handler runs.
@safe public struct Request: ~Copyable {
  public let method: String
  public let target: RequestTarget
  private let fields: Fields

  /// Headers of a live connection are looked up where libmicrohttpd keeps them; a list serves requests without a socket.
  @safe private enum Fields {
    case connection(OpaquePointer)
    case list([Response.Header], peerAddress: String?)
  }

  /// A request that comes from no socket.
  public init(
    method: String = "GET", target: RequestTarget, headers: [Response.Header] = [],
    peerAddress: String? = nil
  ) {
    self.method = method
    self.target = target
    fields = .list(headers, peerAddress: peerAddress)
  }

  init(method: String, target: RequestTarget, connection: OpaquePointer) {
    self.method = method
    self.target = target
    unsafe fields = .connection(connection)
  }

  /// The decoded path of the target.
  public var path: String { target.path }

  /// The first value of a header, or `nil`.
  ///
  /// The name is a literal, which C can read where it is.
  public func header(_ name: StaticString) -> String? {
    switch fields {
    case .list(let headers, _):
      let name = "\(name)".lowercased()
      return headers.first { $0.name.lowercased() == name }?.value
    case .connection(let connection):
      let bytes = unsafe UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
      guard let value = unsafe MHD_lookup_connection_value(connection, .HEADER_KIND, bytes) else {
        return nil
      }
      return unsafe String(cString: value)
    }
  }

  /// The values of all headers of a name, in their order.
  public func headers(_ name: String) -> [String] {
    let name = name.lowercased()
    switch fields {
    case .list(let headers, _):
      return headers.filter { $0.name.lowercased() == name }.map(\.value)
    case .connection(let connection):
      return unsafe headerValues(of: connection, named: name)
    }
  }

  /// Who asks: an IPv4 or IPv6 address without port or brackets, or `nil` when there is none, as on a UNIX socket.
  ///
  /// An IPv4 client of a socket that serves both has its IPv4 address.
  public var peerAddress: String? {
    switch fields {
    case .list(_, let address): address
    case .connection(let connection): unsafe PeerAddress.text(of: connection)
    }
  }
}
