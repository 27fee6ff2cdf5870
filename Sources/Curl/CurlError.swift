/// Why there is no answer.
public enum CurlError: Error, Equatable, Sendable, CustomStringConvertible {
  /// No libcurl on this machine.
  case libraryMissing
  /// libcurl gave up: its code, see libcurl-errors(3), and its words for it, see curl_easy_strerror(3).
  case failed(code: Int, reason: String)

  public var description: String {
    switch self {
    case .libraryMissing:
      "libcurl is not installed; on Debian: apt-get install libcurl3-gnutls"
    case .failed(_, let reason): reason
    }
  }
}
