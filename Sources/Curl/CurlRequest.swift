/// An HTTP request.
public struct CurlRequest: Sendable, Equatable {
  /// The URL, with the scheme `http` or `https`.
  public var url: String
  /// Header lines, for example `Content-Type: application/json`.
  public var headers: [String]
  /// The body of a POST; `nil` means a GET.
  public var body: [UInt8]?

  public init(_ url: String, headers: [String] = [], body: [UInt8]? = nil) {
    self.url = url
    self.headers = headers
    self.body = body
  }
}

/// An HTTP answer with any status.
public struct CurlAnswer: Sendable, Equatable {
  /// The HTTP status.
  ///
  /// Redirects are not followed.
  public var status: Int
  /// The first bytes of the body, up to the limit of the request.
  public var body: [UInt8]
  /// The size of the body in bytes on the wire.
  public var bodyBytes: Int
  /// The size of the status line and the headers in bytes.
  public var headerBytes: Int
  /// The number of connections opened for the request; 0 if an open one was reused.
  public var newConnections: Int
  /// The time from the call to the last byte, by libcurl's clock.
  ///
  /// See CURLINFO_TOTAL_TIME_T(3).
  public var microseconds: Int
}
