import CCurl

/// libcurl, opened when it is first used.
///
/// Linked, it would cost every running server 3 MB. See dlopen(3) and libcurl(3).
///
/// `@unchecked Sendable`: it is written once, before anybody can see it, and libcurl's functions may be called from any
/// thread as long as no two of them share a handle, see libcurl-thread(3).
@safe struct CurlLibrary: @unchecked Sendable {
  /// The sonames of Debian's two builds; GnuTLS first, since libmicrohttpd has loaded that already.
  private static let names = ["libcurl-gnutls.so.4", "libcurl.so.4"]

  let functions: ccurl_functions

  /// The one for this process, or why there is none.
  static let shared = Result { () throws(CurlError) in try CurlLibrary(names: names) }

  /// Opens the first of the libraries that is there.
  ///
  /// - Throws: ``CurlError/libraryMissing`` when none is.
  init(names: [String]) throws(CurlError) {
    var functions = ccurl_functions()
    guard names.contains(where: { unsafe ccurl_load($0, &functions) != 0 }) else {
      throw .libraryMissing
    }
    self.functions = functions
    try check(functions.global_init(Int(CURL_GLOBAL_DEFAULT)))
  }

  /// Its name and version and those of the libraries that it uses.
  ///
  /// See curl_version(3).
  var version: String { unsafe functions.version().map { unsafe String(cString: $0) } ?? "" }

  func check(_ code: CURLcode) throws(CurlError) {
    guard code != CURLE_OK else { return }
    let reason = unsafe functions.easy_strerror(code).map { unsafe String(cString: $0) }
    throw .failed(code: Int(code.rawValue), reason: reason ?? "error \(code.rawValue)")
  }
}
