import CMicroHTTPD

/// A complete response, prepared once and sent any number of times from any thread without copying.
///
/// `@unchecked Sendable`: the handle does not change after `init`, and libmicrohttpd guards its reference count with a
/// lock (`MHD_queue_response`, `MHD_destroy_response`).
@safe public final class Response: @unchecked Sendable {
  /// A header line.
  public struct Header: Sendable, Equatable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }

    /// The header with control characters in its value replaced, so that the value cannot end the header.
    fileprivate var harmless: Header {
      guard value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return self }
      let bytes = value.utf8.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }
      return Header(name, String(decoding: bytes, as: UTF8.self))
    }
  }

  public let status: Int
  public let headers: [Header]
  /// The body of the response.
  public let body: Body
  let handle: OpaquePointer

  /// Copies the body once.
  ///
  /// libmicrohttpd adds `Content-Length` and `Date`.
  ///
  /// - Parameter headers: Control characters in values become spaces, since a line break would end the header. Headers
  ///   with empty values are left out, since libmicrohttpd rejects them.
  public convenience init(status: Int, headers: [Header], body: [UInt8]) {
    self.init(status: status, headers: headers, body: Body(body))
  }

  /// Creates a response with an existing body.
  public init(status: Int, headers: [Header], body: Body) {
    self.status = status
    self.headers = headers.harmless
    self.body = body
    unsafe handle = body.makeResponse()
    unsafe self.headers.add(to: handle)
  }

  deinit { unsafe MHD_destroy_response(handle) }

  /// This response with `Connection: close`, for a server that is about to stop.
  func closing() -> Response {
    Response(status: status, headers: headers + [Header("Connection", "close")], body: body)
  }

  /// The value of a header, or `nil`.
  public func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }
}

extension [Response.Header] {
  /// The headers that libmicrohttpd accepts, with sanitized values.
  var harmless: [Response.Header] { map(\.harmless).filter { !$0.value.isEmpty } }

  func add(to response: OpaquePointer) {
    for header in self {
      let added = unsafe MHD_add_response_header(response, header.name, header.value)
      precondition(added == .YES, "not a header: \(header.name)")
    }
  }
}
