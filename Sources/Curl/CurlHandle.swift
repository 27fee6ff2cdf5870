import CCurl

/// An HTTP client that keeps its connection open for the next request.
///
/// Only one thread at a time may use it, and ``perform(_:keeping:)`` blocks that thread. See libcurl-easy(3).
@safe public final class CurlHandle {
  private let library: CurlLibrary
  private let handle: UnsafeMutableRawPointer
  private var headers: UnsafeMutablePointer<curl_slist>?
  private var request: CurlRequest?
  private var kept: [UInt8] = []
  private var limit = 0

  /// - Parameters:
  ///   - timeout: The time limit for a whole request.
  ///   - userAgent: The value of the User-Agent header.
  /// - Throws: ``CurlError/libraryMissing`` if libcurl is not installed.
  public init(timeout: Duration, userAgent: String) throws(CurlError) {
    library = try CurlLibrary.shared.get()
    guard let handle = library.functions.easy_init() else {
      // curl_easy_init(3) fails only if there is no memory.
      throw .failed(code: Int(CURLE_FAILED_INIT.rawValue), reason: "Failed initialization")
    }
    unsafe self.handle = handle
    // Unretained: this object owns the handle.
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    try library.check(unsafe ccurl_set_write(library.functions, handle, bodyArrived, context))
    let milliseconds =
      timeout.components.seconds * 1000 + timeout.components.attoseconds / Self.milli
    try set(CURLOPT_TIMEOUT_MS, Int(milliseconds))
    try set(CURLOPT_USERAGENT, userAgent)
    // Connect only to the requested URL: no proxy from the environment, no redirects, no other protocols.
    try set(CURLOPT_PROXY, "")
    try set(CURLOPT_FOLLOWLOCATION, 0)
    try set(CURLOPT_PROTOCOLS_STR, "http,https")
    try set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
    // A timeout must not raise a signal in a program with threads.
    try set(CURLOPT_NOSIGNAL, 1)
    try set(CURLOPT_BUFFERSIZE, 256 << 10)
  }

  deinit {
    unsafe library.functions.easy_cleanup(handle)
    unsafe library.functions.slist_free_all(headers)
  }

  /// The name and version of libcurl and its libraries, or `nil` if libcurl is not installed.
  ///
  /// See curl_version(3).
  public static var libraryVersion: String? { try? CurlLibrary.shared.get().version }

  /// Sends a request and reads the whole answer.
  ///
  /// Repeating the previous request needs no preparation.
  ///
  /// - Parameter limit: The number of bytes of the body to keep; the rest is read and discarded.
  /// - Throws: ``CurlError`` if no complete answer arrived.
  public func perform(_ request: CurlRequest, keeping limit: Int = 0) throws(CurlError)
    -> CurlAnswer
  {
    if request != self.request { try prepare(request) }
    self.limit = limit
    if !kept.isEmpty { kept = [] }
    try library.check(unsafe library.functions.easy_perform(handle))
    return unsafe CurlAnswer(
      status: ccurl_get_long(library.functions, handle, CURLINFO_RESPONSE_CODE),
      body: kept,
      bodyBytes: ccurl_get_offset(library.functions, handle, CURLINFO_SIZE_DOWNLOAD_T),
      headerBytes: ccurl_get_long(library.functions, handle, CURLINFO_HEADER_SIZE),
      newConnections: ccurl_get_long(library.functions, handle, CURLINFO_NUM_CONNECTS),
      microseconds: ccurl_get_offset(library.functions, handle, CURLINFO_TOTAL_TIME_T))
  }

  /// Appends a part of the body, up to the limit.
  fileprivate func append(_ bytes: UnsafeRawBufferPointer) {
    guard kept.count < limit else { return }
    unsafe kept.append(contentsOf: bytes.prefix(limit - kept.count))
  }

  // MARK: - Options

  private func prepare(_ request: CurlRequest) throws(CurlError) {
    self.request = nil
    try set(CURLOPT_URL, request.url)
    try setHeaders(request.headers)
    if let body = request.body {
      try library.check(
        unsafe ccurl_set_offset(library.functions, handle, CURLOPT_POSTFIELDSIZE_LARGE, body.count))
      try copyBody(body)
    } else {
      try set(CURLOPT_HTTPGET, 1)
    }
    self.request = request
  }

  /// Passes a body, which libcurl copies.
  ///
  /// Its length must be set before.
  private func copyBody(_ body: [UInt8]) throws(CurlError) {
    // The extra byte gives an empty body an address: NULL would mean that a callback supplies the body.
    let bytes = body.map(CChar.init(bitPattern:)) + [0]
    try library.check(
      unsafe ccurl_set_text(library.functions, handle, CURLOPT_COPYPOSTFIELDS, bytes))
  }

  private func setHeaders(_ lines: [String]) throws(CurlError) {
    var list: UnsafeMutablePointer<curl_slist>?
    do throws(CurlError) {
      for line in lines {
        // NULL means that there was no memory; the list is unchanged then. See curl_slist_append(3).
        guard let longer = unsafe library.functions.slist_append(list, line) else {
          return try library.check(CURLE_OUT_OF_MEMORY)
        }
        unsafe list = longer
      }
      try library.check(unsafe ccurl_set_headers(library.functions, handle, list))
    } catch {
      unsafe library.functions.slist_free_all(list)
      throw error
    }
    // Free the old list only after libcurl uses the new one.
    unsafe library.functions.slist_free_all(headers)
    unsafe headers = list
  }

  private func set(_ option: CURLoption, _ value: Int) throws(CurlError) {
    try library.check(unsafe ccurl_set_long(library.functions, handle, option, value))
  }

  private func set(_ option: CURLoption, _ value: String) throws(CurlError) {
    try library.check(unsafe ccurl_set_text(library.functions, handle, option, value))
  }

  /// The number of attoseconds in a millisecond.
  private static let milli: Int64 = 1_000_000_000_000_000
}

/// The `CURLOPT_WRITEFUNCTION`.
private func bodyArrived(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let context = unsafe context else { return 0 }
  let handle = unsafe Unmanaged<CurlHandle>.fromOpaque(context).takeUnretainedValue()
  unsafe handle.append(UnsafeRawBufferPointer(start: bytes, count: size * count))
  return size * count
}
