extension String {
  /// Decodes a range of the bytes as UTF-8 and replaces invalid sequences with U+FFFD.
  init(repairing bytes: Span<UInt8>, _ range: Range<Int>) {
    if let valid = try? UTF8Span(validating: bytes.extracting(range)) {
      self.init(copying: valid)
    } else {
      var copy: [UInt8] = []
      for index in range { copy.append(bytes[index]) }
      self.init(decoding: copy, as: UTF8.self)
    }
  }
}
