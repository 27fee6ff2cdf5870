import CCurl

/// libcurl, loaded at first use.
///
/// Linking it would cost every running server 3 MB. See dlopen(3) and libcurl(3).
///
/// `@unchecked Sendable`: it is written once, before it is shared. Any thread may call libcurl's functions if no two
/// threads use the same handle at a time; see libcurl-thread(3).
@safe struct CurlLibrary: @unchecked Sendable {
  /// The sonames of Debian's two builds.
  ///
  /// The GnuTLS build is tried first, since libmicrohttpd has already loaded that library.
  private static let names = ["libcurl-gnutls.so.4", "libcurl.so.4"]

  let functions: ccurl_functions

  /// The library of this process, or the reason why there is none.
  static let shared = Result { () throws(CurlError) in try CurlLibrary(names: names) }

  /// Loads the first library that exists.
  ///
  /// - Throws: ``CurlError/libraryMissing`` if none exists.
  init(names: [String]) throws(CurlError) {
    var functions = ccurl_functions()
    guard names.contains(where: { unsafe ccurl_load($0, &functions) != 0 }) else {
      throw .libraryMissing
    }
    self.functions = functions
    try check(functions.global_init(Int(CURL_GLOBAL_DEFAULT)))
  }

  /// The name and version of libcurl and its libraries.
  ///
  /// See curl_version(3).
  var version: String { unsafe functions.version().map { unsafe String(cString: $0) } ?? "" }

  func check(_ code: CURLcode) throws(CurlError) {
    guard code != CURLE_OK else { return }
    let reason = unsafe functions.easy_strerror(code).map { unsafe String(cString: $0) }
    throw .failed(code: Int(code.rawValue), reason: reason ?? "error \(code.rawValue)")
  }
}
