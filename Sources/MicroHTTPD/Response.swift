import CMicroHTTPD

/// A complete answer, prepared once and sent any number of times, from any thread, without being copied.
///
/// `@unchecked Sendable`: the handle is never changed after `init`, and libmicrohttpd counts references to it under a
/// lock of its own (`MHD_queue_response`, `MHD_destroy_response`).
@safe public final class Response: @unchecked Sendable {
  /// One header line.
  public struct Header: Sendable, Equatable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }

    /// The same with a value that cannot end the header.
    fileprivate var harmless: Header {
      guard value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return self }
      let bytes = value.utf8.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }
      return Header(name, String(decoding: bytes, as: UTF8.self))
    }
  }

  public let status: Int
  public let headers: [Header]
  /// What is sent after the headers.
  public let body: Body
  let handle: OpaquePointer

  /// Copies the body once; libmicrohttpd adds `Content-Length` and `Date` by itself.
  ///
  /// - Parameter headers: Control characters in a value become spaces, since a line break would end the header; an
  ///   empty value is left out, since the C library refuses it.
  public convenience init(status: Int, headers: [Header], body: [UInt8]) {
    self.init(status: status, headers: headers, body: Body(body))
  }

  /// The same with a body that is there already.
  public init(status: Int, headers: [Header], body: Body) {
    self.status = status
    self.headers = headers.harmless
    self.body = body
    unsafe handle = body.makeResponse()
    unsafe self.headers.add(to: handle)
  }

  deinit { unsafe MHD_destroy_response(handle) }

  /// The same answer with `Connection: close`, for a server that is about to stop.
  func closing() -> Response {
    Response(status: status, headers: headers + [Header("Connection", "close")], body: body)
  }

  /// The value of a header, or `nil`.
  public func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }
}

extension [Response.Header] {
  /// Those that the C library takes, with values that cannot end a header.
  var harmless: [Response.Header] { map(\.harmless).filter { !$0.value.isEmpty } }

  func add(to response: OpaquePointer) {
    for header in self {
      let added = unsafe MHD_add_response_header(response, header.name, header.value)
      precondition(added == .YES, "not a header: \(header.name)")
    }
  }
}
