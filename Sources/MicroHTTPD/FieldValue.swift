/// Header values without surrounding blanks, which are not part of the value.
///
/// libmicrohttpd removes leading blanks but keeps trailing ones. See RFC 9110 section 5.5 (`OWS`).
extension Span<UInt8> {
  /// The range of the value without blanks.
  var valueRange: Range<Int> {
    var range = indices
    while let last = range.last, self[last].isBlank { range = range.dropLast() }
    while let first = range.first, self[first].isBlank { range = range.dropFirst() }
    return range
  }

  /// The text, with invalid UTF-8 replaced by U+FFFD.
  var text: String {
    if let text = try? UTF8Span(validating: self) { return String(copying: text) }
    var bytes: [UInt8] = []
    for index in indices { bytes.append(self[index]) }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension String {
  /// The string without spaces and tabs at either end.
  var withoutBlanks: String {
    var rest = utf8[...]
    while let last = rest.last, last.isBlank { rest.removeLast() }
    return String(decoding: rest.drop { $0.isBlank }, as: UTF8.self)
  }
}

extension UInt8 {
  /// Whether this is a space or a tab.
  var isBlank: Bool { self == 0x20 || self == 0x09 }
}
