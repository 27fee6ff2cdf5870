public import Linux
import CMicroHTTPD

/// A request as a handler sees it.
///
/// It is valid only while the handler runs.
@safe public struct Request: ~Copyable {
  public let method: String
  public let target: RequestTarget
  private let fields: Fields

  /// The headers: those of a live connection stay in libmicrohttpd's memory; a list serves requests without a socket.
  @safe private enum Fields {
    case connection(OpaquePointer, AddressKey)
    case list([Response.Header], peerAddress: String?)
  }

  /// Creates a request without a socket.
  public init(
    method: String = "GET", target: RequestTarget, headers: [Response.Header] = [],
    peerAddress: String? = nil
  ) {
    self.method = method
    self.target = target
    fields = .list(headers, peerAddress: peerAddress)
  }

  init(
    method: String, target: RequestTarget, connection: OpaquePointer, addressKey: AddressKey
  ) {
    self.method = method
    self.target = target
    unsafe fields = .connection(connection, addressKey)
  }

  /// The decoded path of the target.
  public var path: String { target.path }

  /// The first value of a header, without surrounding blanks; `nil` if there is none.
  ///
  /// The name is a literal, so that C can read it in place.
  public func header(_ name: StaticString) -> String? {
    switch fields {
    case .list(let headers, _):
      let name = "\(name)".lowercased()
      return headers.first { $0.name.lowercased() == name }?.value.withoutBlanks
    case .connection(let connection, _):
      return unsafe headerValue(of: connection, named: name)
    }
  }

  /// The values of all headers with a name, in order, without surrounding blanks.
  public func headers(_ name: String) -> [String] {
    let name = name.lowercased()
    switch fields {
    case .list(let headers, _):
      return headers.filter { $0.name.lowercased() == name }.map(\.value.withoutBlanks)
    case .connection(let connection, _):
      return unsafe headerValues(of: connection, named: name)
    }
  }

  /// The client's key for per-address limits.
  public var addressKey: AddressKey {
    switch fields {
    case .list(_, let address): AddressKey(address)
    case .connection(_, let key): key
    }
  }

  /// The client's IPv4 or IPv6 address, without port or brackets; `nil` if there is none, as on a UNIX socket.
  ///
  /// An IPv4 client of a dual-stack socket has its IPv4 address.
  public var peerAddress: String? {
    switch fields {
    case .list(_, let address): address
    case .connection(let connection, _): unsafe PeerAddress.text(of: connection)
    }
  }
}
