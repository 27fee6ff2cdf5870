/// Numbers in a filter, in the unit of their field.
enum FilterNumber {
  /// - Returns: The value in the unit; `nil` if the text is none.
  static func parse(_ text: String, _ unit: MeasureUnit?) -> Double? {
    switch unit {
    case .bytes, .bytesPerSecond: ByteCount.parse(text).map { Double($0) }
    case .seconds: TimeSpan.parse(text).map { $0 / .seconds(1) }
    case .percent, .percentOfAllCPUs, .percentOfOneCPU:
      plain(text.hasSuffix("%") ? text.dropLast() : text[...])
    case .count, .countPerSecond, .number, nil: plain(text[...])
    }
  }

  /// For an error message.
  static func expected(_ unit: MeasureUnit?) -> String {
    switch unit {
    case .bytes, .bytesPerSecond: "a size such as 200MiB or 1.5GB"
    case .seconds: "a time such as 90, 30s, 5m or 1h30m"
    case .percent, .percentOfAllCPUs, .percentOfOneCPU: "a number in percent such as 5 or 0.5%"
    case .count, .countPerSecond, .number, nil: "a number"
    }
  }

  private static func plain(_ text: Substring) -> Double? {
    let digits = text.hasPrefix("-") ? text.dropFirst() : text
    guard let first = digits.utf8.first, first &- 0x30 <= 9,
      digits.utf8.allSatisfy({ $0 &- 0x30 <= 9 || $0 == UInt8(ascii: ".") })
    else { return nil }
    return Double(text)
  }
}
