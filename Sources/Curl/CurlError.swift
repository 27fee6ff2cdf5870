/// The reason why a request failed.
public enum CurlError: Error, Equatable, Sendable, CustomStringConvertible {
  /// libcurl is not installed.
  case libraryMissing
  /// libcurl's code and message; see libcurl-errors(3) and curl_easy_strerror(3).
  case failed(code: Int, reason: String)

  public var description: String {
    switch self {
    case .libraryMissing:
      "libcurl is not installed; on Debian: apt-get install libcurl3-gnutls"
    case .failed(_, let reason): reason
    }
  }
}
