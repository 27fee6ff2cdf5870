import Linux
import YAML

extension YAMLNode {
  /// Describes the node in errors.
  var kind: String {
    switch content {
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .scalar(let text, _): isNull ? "empty" : "\"\(LogText.visible(text))\""
    }
  }

  /// The text of a scalar, quoted or not.
  func text(_ key: String, accepts: String) throws(YAMLError) -> String {
    guard case .scalar(let text, _) = content, !isNull else { throw bad(key, accepts) }
    return text
  }

  func truth(_ key: String) throws(YAMLError) -> Bool {
    switch content {
    case .scalar("true", isPlain: true): true
    case .scalar("false", isPlain: true): false
    default: throw bad(key, "true or false")
    }
  }

  /// A number, with a decimal point if it has decimals.
  ///
  /// - Parameter suffix: An optional unit after it.
  func number(
    _ key: String, in range: ClosedRange<Double>, suffix: String = ""
  ) throws(YAMLError) -> Double {
    let accepts =
      "a number from \(LogText.number(range.lowerBound)) to \(LogText.number(range.upperBound))"
    var text = try text(key, accepts: accepts)[...]
    if !suffix.isEmpty, text.hasSuffix(suffix) { text = text.dropLast(suffix.count) }
    guard let value = Self.decimal(text), range.contains(value) else { throw bad(key, accepts) }
    return value
  }

  /// A duration, in the forms that ``TimeSpan`` accepts.
  func duration(_ key: String, in range: ClosedRange<Duration>) throws(YAMLError) -> Duration {
    let accepts =
      "a time from \(LogText.duration(range.lowerBound)) to \(LogText.duration(range.upperBound)), "
      + "for example 30s or 5m"
    guard let duration = TimeSpan.parse(try text(key, accepts: accepts)), range.contains(duration)
    else { throw bad(key, accepts) }
    return duration
  }

  func bad(_ key: String, _ accepts: String) -> YAMLError {
    YAMLError(mark, "\"\(key)\" is \(kind): it accepts \(accepts)")
  }

  /// Digits with a decimal point, without the other forms that `Double` accepts.
  private static func decimal(_ text: Substring) -> Double? {
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }) else { return nil }
    return Double(text)
  }
}
