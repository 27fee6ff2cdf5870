/// Formats numbers for people.
enum Wording {
  /// For example `1,234,567`.
  static func count(_ value: Int) -> String {
    var text = ""
    for (index, digit) in String(value.magnitude).reversed().enumerated() {
      if index > 0 && index % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return (value < 0 ? "-" : "") + String(text.reversed())
  }

  /// A count with its noun: `1 request`, `2 requests`.
  static func count(_ value: Int, _ noun: String) -> String {
    "\(count(value)) \(noun)\(value == 1 ? "" : "s")"
  }

  /// A fixed number of decimals, for example `12.30`.
  static func fixed(_ value: Double, places: Int) -> String {
    var scale = 1
    for _ in 0..<places { scale *= 10 }
    let scaled = (value.magnitude * Double(scale)).rounded()
    // Larger doubles have no decimals left.
    guard scaled < 1e15 else { return "\(value)" }
    let (whole, rest) = Int(scaled).quotientAndRemainder(dividingBy: scale)
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard places > 0 else { return sign + count(whole) }
    let digits = String(rest)
    return "\(sign)\(count(whole)).\(String(repeating: "0", count: places - digits.count))\(digits)"
  }

  /// Three significant digits, but every digit before the decimal point: `1.23`, `12.3`, `123`, `12,345`.
  static func figure(_ value: Double) -> String {
    switch value.magnitude {
    case ..<9.995: fixed(value, places: 2)
    case ..<99.95: fixed(value, places: 1)
    default: fixed(value, places: 0)
    }
  }

  /// A value and its unit, apart, so that a page can set them in different sizes.
  struct Quantity: Equatable {
    var value: String
    var unit: String

    var text: String { "\(value) \(unit)" }
  }

  /// A response time: µs, ms or s.
  static func time(_ seconds: Double) -> Quantity {
    switch seconds {
    case ..<0.000_999_5: Quantity(value: figure(seconds * 1e6), unit: "µs")
    case ..<0.999_5: Quantity(value: figure(seconds * 1e3), unit: "ms")
    default: Quantity(value: figure(seconds), unit: "s")
    }
  }

  /// Transferred bytes, in powers of 1000: `12.3 GB`.
  static func bytes(_ value: Double) -> String {
    scaled(value, by: 1000, ["B", "kB", "MB", "GB", "TB", "PB"])
  }

  /// Memory, in powers of 1024: `23.4 GiB`.
  static func memory(_ value: Double) -> String {
    scaled(value, by: 1024, ["B", "KiB", "MiB", "GiB", "TiB", "PiB"])
  }

  private static func scaled(_ value: Double, by step: Double, _ units: [String]) -> String {
    var (value, index) = (value, 0)
    while value >= 999.5, index < units.count - 1 {
      value /= step
      index += 1
    }
    let text = index == 0 ? fixed(value, places: 0) : figure(value)
    return Quantity(value: text, unit: units[index]).text
  }

  /// For example `93.1 %`.
  static func percent(_ value: Double) -> String { Quantity(value: figure(value), unit: "%").text }
}

extension Wording {
  /// The first 80 characters of a user's text, for an error message.
  static func shortened(_ text: String) -> String {
    text.count > 80 ? text.prefix(80) + "…" : text
  }

  /// A round number as the label of an axis, without trailing zeros: `0.5`, `20`, `1,500`.
  static func tick(_ value: Double) -> String {
    var text = fixed(value, places: 2)
    while text.hasSuffix("0") { text.removeLast() }
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }

  /// A round response time as the label of an axis: `200 µs`.
  static func timeTick(_ seconds: Double) -> String {
    switch seconds {
    case ..<0.000_999_5: Quantity(value: tick(seconds * 1e6), unit: "µs").text
    case ..<0.999_5: Quantity(value: tick(seconds * 1e3), unit: "ms").text
    default: Quantity(value: tick(seconds), unit: "s").text
    }
  }

  /// A round duration in words, `5 minutes` or `1 hour`; otherwise the same as ``span(_:)``.
  static func spelled(_ duration: Duration) -> String {
    for (length, name) in [
      (Duration.seconds(3600), "hour"), (.seconds(60), "minute"), (.seconds(1), "second"),
    ] {
      let count = duration / length
      if count >= 1, count == count.rounded(), length > .seconds(1) || count < 60 {
        return Self.count(Int(count), name)
      }
    }
    return span(duration)
  }

  /// A duration: `5 min`, `2 min 31 s`, `1 h 30 min`, `0.5 s`.
  static func span(_ duration: Duration) -> String {
    let seconds = duration / .seconds(1)
    guard seconds >= 59.5 else {
      // Tenths of a second, without a trailing zero.
      let tenths = (seconds * 10).rounded() / 10
      let isWhole = tenths == tenths.rounded()
      return Quantity(value: fixed(tenths, places: isWhole ? 0 : 1), unit: "s").text
    }
    let whole = Int(seconds.rounded())
    let parts = [(whole / 3600, "h"), (whole / 60 % 60, "min"), (whole % 60, "s")]
    return parts.filter { $0.0 > 0 }.map { Quantity(value: "\($0.0)", unit: $0.1).text }
      .joined(separator: " ")
  }
}
