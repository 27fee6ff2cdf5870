/// Inspects each header line once and refuses messages that two HTTP parsers could interpret differently.
///
/// libmicrohttpd 0.9.75 accepts ambiguous framing (request smuggling, RFC 9112 section 11.2). This check rejects all of
/// it that is visible to a callback. Bare LF, folded lines after the first header and raw NUL remain invisible.
struct RequestGuard {
  private(set) var host: String?
  private(set) var contentLength: Int?
  private(set) var problem: String?
  /// The number of header lines so far, including the Cookie header that we add.
  private(set) var lineCount = 0
  /// Whether blanks follow the Transfer-Encoding, which libmicrohttpd 0.9.75 then fails to recognize.
  private(set) var hasPaddedEncoding = false
  private var hosts = 0
  private var lengths = 0
  private var encodings = 0

  /// Inspects one header line.
  ///
  /// The value may have surrounding blanks.
  mutating func inspect(_ name: Span<UInt8>, _ padded: Span<UInt8>) {
    lineCount += 1
    guard problem == nil else { return }
    let value = padded.extracting(padded.valueRange)
    if !name.isToken {
      problem = "a header name contains a character that is not allowed"
    } else if !value.isFieldValue {
      problem = "a header value contains a control character"
    } else if name.equals("host") {
      hosts += 1
      host = value.text
    } else if name.equals("content-length") {
      lengths += 1
      contentLength = value.isEmpty || !value.isDigits ? nil : Int(value.text)
      if contentLength == nil { problem = "Content-Length is not a number" }
    } else if name.equals("transfer-encoding") {
      encodings += 1
      hasPaddedEncoding = value.count < padded.count
      if !value.equals("chunked") { problem = "the only supported Transfer-Encoding is chunked" }
    }
  }

  /// What is wrong with the message as a whole, after all lines were inspected; `nil` if nothing is.
  ///
  /// - Parameter needsHost: True for HTTP/1.1 and later.
  func verdict(needsHost: Bool) -> String? {
    if let problem { return problem }
    if hosts > 1 { return "more than one Host header" }
    if hosts == 0 && needsHost { return "no Host header" }
    if lengths > 1 { return "more than one Content-Length" }
    if encodings > 1 { return "more than one Transfer-Encoding" }
    if lengths > 0 && encodings > 0 { return "both Content-Length and Transfer-Encoding" }
    return nil
  }
}

extension Span<UInt8> {
  /// Whether this is a token.
  ///
  /// See RFC 9110 section 5.6.2.
  fileprivate var isToken: Bool {
    guard !isEmpty else { return false }
    for index in indices where !tokenCharacters[Int(self[index])] { return false }
    return true
  }

  /// Whether this contains no control character except tab.
  ///
  /// See RFC 9110 section 5.5.
  fileprivate var isFieldValue: Bool {
    for index in indices {
      let byte = self[index]
      if byte < 0x20 && byte != 0x09 || byte == 0x7F { return false }
    }
    return true
  }

  fileprivate var isDigits: Bool {
    for index in indices where self[index] &- 0x30 > 9 { return false }
    return true
  }

  /// Compares with a lower-case text, ignoring case.
  fileprivate func equals(_ text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    return text.withUTF8Buffer { text in
      for index in indices {
        let byte = self[index]
        let lower = byte &- 0x41 <= 25 ? byte | 0x20 : byte
        if unsafe lower != text[index] { return false }
      }
      return true
    }
  }
}

/// For each byte, whether a token may contain it.
private let tokenCharacters: [256 of Bool] = {
  var table: [256 of Bool] = .init(repeating: false)
  for byte in "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8 {
    table[Int(byte)] = true
  }
  return table
}()
