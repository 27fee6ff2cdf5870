import Linux
import YAML

extension AlertRule {
  private static let keys = [
    "name", "metric", "mount", "process", "pid", "filter", "above", "below", "clear", "over", "for",
    "keep_firing_for",
  ]

  /// Reads a rule from the file.
  init(_ node: YAMLNode) throws(YAMLError) {
    let settings = try NodeSettings(node, "a rule", accepts: Self.keys)
    name = try Self.name(try settings.required("name", "a rule"))
    metric = try AlertMetric(settings)
    (side, threshold) = try Self.threshold(settings, metric.unit)
    clear = try Self.clear(settings["clear"], side, threshold, metric.unit)
    averaging = try Self.time(settings, "over", .zero ... .seconds(300)) ?? metric.defaultAveraging
    hold = try Self.time(settings, "for", .zero ... .seconds(3600)) ?? metric.defaultHold
    keepFiring =
      try Self.time(settings, "keep_firing_for", .zero ... .seconds(3600)) ?? Self.defaultKeepFiring
  }

  private static func name(_ node: YAMLNode) throws(YAMLError) -> String {
    let accepts = "1 to 64 letters, digits and the signs - _ ."
    let name = try node.text("name", accepts: accepts)
    let isPlain = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
        UInt8(ascii: "."):
        true
      default: false
      }
    }
    guard isPlain, (1...64).contains(name.utf8.count) else { throw node.bad("name", accepts) }
    return name
  }

  /// - Returns: The threshold in the engine's units, with shares as fractions.
  private static func threshold(
    _ settings: NodeSettings, _ unit: AlertUnit
  ) throws(YAMLError) -> (Side, Double) {
    switch (settings["above"], settings["below"]) {
    case (let node?, nil): (.above, try value(node, "above", unit))
    case (nil, let node?): (.below, try value(node, "below", unit))
    case (nil, nil):
      throw YAMLError(settings.mark, "a rule needs a threshold: \"above\" or \"below\"")
    case (_?, let node?):
      throw YAMLError(node.mark, "a rule has one threshold: \"above\" or \"below\"")
    }
  }

  /// The clearing threshold; by default on the good side of the threshold, a tenth of it away.
  private static func clear(
    _ node: YAMLNode?, _ side: Side, _ threshold: Double, _ unit: AlertUnit
  ) throws(YAMLError) -> Double {
    guard let node else {
      let highest = unit.inside(unit.range.upperBound)
      return side == .above ? threshold * 0.9 : min(threshold * 1.1, highest)
    }
    let clear = try value(node, "clear", unit)
    guard side == .above ? clear <= threshold : clear >= threshold else {
      let good = side == .above ? "or less" : "or more"
      throw YAMLError(
        node.mark,
        "\"clear\" is \(unit.text(clear)), on the wrong side: an alert that fires \(side.rawValue) "
          + "\(unit.text(threshold)) accepts \(unit.text(threshold)) \(good)")
    }
    return clear
  }

  private static func value(
    _ node: YAMLNode, _ key: String, _ unit: AlertUnit
  ) throws(YAMLError) -> Double {
    unit.inside(try node.number(key, in: unit.range, suffix: unit.suffix))
  }

  private static func time(
    _ settings: NodeSettings, _ key: String, _ range: ClosedRange<Duration>
  ) throws(YAMLError) -> Duration? {
    guard let node = settings[key] else { return nil }
    return try node.duration(key, in: range)
  }
}
