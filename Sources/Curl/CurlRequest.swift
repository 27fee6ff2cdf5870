/// What to ask for.
public struct CurlRequest: Sendable, Equatable {
  /// `http` or `https`.
  public var url: String
  /// Header lines, for example `Content-Type: application/json`.
  public var headers: [String]
  /// What to send by POST; `nil` is a GET.
  public var body: [UInt8]?

  public init(_ url: String, headers: [String] = [], body: [UInt8]? = nil) {
    self.url = url
    self.headers = headers
    self.body = body
  }
}

/// What came back, whatever its status.
public struct CurlAnswer: Sendable, Equatable {
  /// The HTTP status; a redirect is an answer like any other and is not followed.
  public var status: Int
  /// The first bytes of the body, as many as were to be kept.
  public var body: [UInt8]
  /// Bytes of the body as they came over the wire.
  public var bodyBytes: Int
  /// Bytes of the status line and the headers.
  public var headerBytes: Int
  /// Connections that were opened for it: 0 when the one of the request before was still good.
  public var newConnections: Int
  /// From the call to the last byte, by libcurl's own clock.
  ///
  /// See CURLINFO_TOTAL_TIME_T(3).
  public var microseconds: Int
}
