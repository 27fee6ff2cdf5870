/// Looks at each header line once and says whether the message is one that every reader understands alike.
///
/// libmicrohttpd 0.9.75 accepts framing that two servers in a row would read differently (request smuggling, RFC 9112
/// section 11.2). This check closes all of it that can be seen from outside: only bare LF, folded lines after the first
/// header and raw NUL stay invisible.
struct RequestGuard {
  private(set) var host: String?
  private(set) var contentLength: Int?
  private(set) var problem: String?
  /// Header lines so far; the Cookie header that we add ourselves is one of them.
  private(set) var lineCount = 0
  /// Whether blanks follow the Transfer-Encoding, which libmicrohttpd 0.9.75 does not understand then.
  private(set) var hasPaddedEncoding = false
  private var hosts = 0
  private var lengths = 0
  private var encodings = 0

  /// Takes one header line; the value may have blanks around it.
  mutating func inspect(_ name: Span<UInt8>, _ padded: Span<UInt8>) {
    lineCount += 1
    guard problem == nil else { return }
    let value = padded.extracting(padded.valueRange)
    if !name.isToken {
      problem = "a header name holds a character that is not allowed"
    } else if !value.isFieldValue {
      problem = "a header value holds a control character"
    } else if name.equals("host") {
      hosts += 1
      host = value.text
    } else if name.equals("content-length") {
      lengths += 1
      contentLength = value.isEmpty || !value.isDigits ? nil : Int(value.text)
      if contentLength == nil { problem = "Content-Length is no number" }
    } else if name.equals("transfer-encoding") {
      encodings += 1
      hasPaddedEncoding = value.count < padded.count
      if !value.equals("chunked") { problem = "the only Transfer-Encoding is chunked" }
    }
  }

  /// What is wrong with the message as a whole, once every line was seen.
  ///
  /// - Parameter needsHost: True from HTTP/1.1 on.
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
  /// See RFC 9110 section 5.6.2.
  fileprivate var isToken: Bool {
    guard !isEmpty else { return false }
    for index in indices where !tokenCharacters[Int(self[index])] { return false }
    return true
  }

  /// Tab is the one control character that a value may hold.
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

  /// Compares with a lower-case text, ignoring the case of letters.
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

/// True for the bytes that a token may hold.
private let tokenCharacters: [256 of Bool] = {
  var table: [256 of Bool] = .init(repeating: false)
  for byte in "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8 {
    table[Int(byte)] = true
  }
  return table
}()
